/** Loads a user's balancer: `--balancer ./mine.ts`, or a path where an experiment names a balancer. */
import { createHash } from "node:crypto";
import type { BalancerCode } from "../../bench/index.ts";
import { balancerFromExport } from "../../policies/balance/index.ts";
import { CODE_ENDINGS, type CodeKind, defaultExportOf, readUserFile } from "./user-code.ts";

const BALANCER: CodeKind = { noun: "balancer", define: "defineBalancer", endings: CODE_ENDINGS };

/**
 * Loads the file of code at the absolute `path`. Throws InputError when there is no such file, it
 * cannot be compiled or run, or what it exports as default is no balancer.
 */
export async function loadBalancer(path: string): Promise<BalancerCode> {
  const bytes = readUserFile(path, BALANCER);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { balancer: balancerFromExport(await defaultExportOf(path, BALANCER), path), sha256 };
}
