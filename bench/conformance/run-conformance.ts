/** Runs files of scenarios recorded from kube-scheduler, and counts those that come out the same. */
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import type { EvaluationMode } from "../../sim/scheduler/index.ts";
import { decodeScenario } from "./decode-scenario.ts";
import type { Difference } from "./difference.ts";
import { parseJson } from "./parse-json.ts";
import { readLines } from "./read-lines.ts";
import { type FailedPod, runScenario } from "./run-scenario.ts";

export interface ConformanceRequest {
  /** Paths, `.jsonl` or `.jsonl.gz`. */
  readonly files: readonly string[];
  readonly evaluation: EvaluationMode;
  /** Only the scenarios of these names; empty: all. */
  readonly scenarios: readonly string[];
  /** Told about each pod that was not treated as recorded, in order. */
  onFailure(line: string): void;
  /** Awaited now and then: lets signals in, and throws to stop. */
  breathe(): Promise<void>;
}

/** Numbers of scenarios. */
export interface ConformanceResult {
  readonly passed: number;
  readonly failed: number;
}

/** InputError for the first file, line or scenario that cannot be used. */
export async function runConformance(request: ConformanceRequest): Promise<ConformanceResult> {
  const seen = new Set<string>();
  let passed = 0;
  let failed = 0;
  for (const file of request.files) {
    let lines = 0;
    for (const { number, text } of readLines(file)) {
      lines++;
      const pods = await runLine(`${file}:${number}`, text, request, seen);
      if (pods === undefined) continue;
      if (pods.length === 0) passed++;
      else failed++;
    }
    if (lines === 0) {
      throw new InputError(`${file}: is empty, want a scenario a line. Check the path.`);
    }
  }
  refuseUnseen(request.scenarios, seen);
  return { passed, failed };
}

/** Undefined: not among the scenarios that were asked for. */
async function runLine(
  where: string,
  text: string,
  { scenarios, evaluation, onFailure, breathe }: ConformanceRequest,
  seen: Set<string>,
): Promise<readonly FailedPod[] | undefined> {
  const recording = decodeScenario(parseJson(text, where), where);
  const { name } = recording.scenario;
  seen.add(name);
  if (scenarios.length > 0 && !scenarios.includes(name)) return undefined;
  try {
    const pods = await runScenario(recording, { evaluation, where, breathe });
    for (const { pod, difference } of pods) {
      onFailure(`${where}: ${name}: pod ${pod}: ${describeDifference(difference)}`);
    }
    return pods;
  } catch (error) {
    throw located(error, where, name);
  }
}

function describeDifference({ field, plugin, node, expected, got }: Difference): string {
  const place = [plugin && `plugin ${plugin}`, node && `node ${node}`].filter(
    (part) => part !== "",
  );
  return `${[field, ...place].join(", ")}: expected ${expected}, got ${got}`;
}

/** The error, with the scenario in its message. */
function located(error: unknown, where: string, name: string): unknown {
  if (!(error instanceof Error) || error.message.startsWith(where)) return error;
  const message = `${where}: ${name}: ${error.message}`;
  if (error instanceof InputError) return new InputError(message);
  // The API server would have refused the object; those of scenarios do not pass through it.
  if (message.includes("was not validated")) return new InputError(`${message}. Fix the object.`);
  error.message = message;
  return error;
}

function refuseUnseen(wanted: readonly string[], seen: ReadonlySet<string>): void {
  const unseen = wanted.find((name) => !seen.has(name));
  if (unseen === undefined) return;
  const near = nearestName(unseen, [...seen]);
  const hint = near === undefined ? "Check the name." : `Did you mean "${near}"?`;
  throw new InputError(`--scenario: got "${unseen}", want a scenario of the files. ${hint}`);
}
