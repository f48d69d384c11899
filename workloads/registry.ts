/** The readers by name. Each is loaded when it is asked for: a run pays for what it uses. */
import { InputError, nearestName } from "../sim/kernel/index.ts";
import type { ManifestsSpec } from "./manifests/manifests-spec.ts";
import type { OpenbSpec } from "./openb/openb-spec.ts";
import type { SyntheticSpec } from "./synthetic/synthetic-spec.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

/** The full settings of a workload, every default filled in. */
export type WorkloadSpec = OpenbSpec | ManifestsSpec | SyntheticSpec;

const workloadNames = [
  "openb",
  "manifests",
  "synthetic",
] as const satisfies readonly WorkloadSpec["type"][];

/** Opens a workload. InputError when a file is missing or wrong. */
export async function openWorkload(
  spec: WorkloadSpec,
  context: WorkloadContext,
): Promise<Workload> {
  switch (spec.type) {
    case "openb":
      return (await import("./openb/openb-workload.ts")).openOpenb(spec, context);
    case "manifests":
      return (await import("./manifests/manifests-workload.ts")).openManifests(spec, context);
    case "synthetic":
      return (await import("./synthetic/synthetic-workload.ts")).openSynthetic(spec);
    default:
      throw unknownWorkload((spec as { readonly type: string }).type);
  }
}

/** A trace as the command line names it: `openb`, or `openb:FILE` for another task list. */
interface TraceName {
  readonly trace: "openb";
  readonly file: string | undefined;
}

/** Reads `NAME` or `NAME:FILE`. InputError for an unknown name, with the nearest known one. */
export function parseTraceName(text: string): TraceName {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const file = colon < 0 ? undefined : text.slice(colon + 1);
  if (name !== "openb") throw unknownTrace(name);
  if (file === "")
    throw new InputError(`trace "${text}": got no file after the colon, want openb:FILE.`);
  return { trace: "openb", file };
}

const traceNames: readonly string[] = ["openb"];

const unknownTrace = (name: string): InputError => unknown("trace", name, traceNames);
const unknownWorkload = (name: string): InputError => unknown("workload", name, workloadNames);

function unknown(what: string, name: string, known: readonly string[]): InputError {
  const near = nearestName(name, known);
  const meant = near === undefined ? `Known: ${known.join(", ")}.` : `Did you mean "${near}"?`;
  return new InputError(`${what}: got "${name}", want the name of a ${what}. ${meant}`);
}
