/** What all functions that run something take, as bench wants it. */
import type {
  Experiment,
  ExperimentInput,
  ExperimentRequest,
  RunHooks,
  RunProgress,
} from "../bench/index.ts";
import { InputError } from "../sim/kernel/index.ts";
import { type Duration, durationText } from "./duration.ts";
import { namedPolicies, type PolicyChoice, policyLoader, withPolicies } from "./policy-choice.ts";
import { packageVersion, userCodeHooks } from "./surroundings/index.ts";

/** An experiment as its file has it (docs/experiment-file.md): all fields may be missing. */
export type ExperimentSettings = Unwritten<ExperimentInput>;

/** Readonly all the way down, so that settings may be declared `as const`. */
type Unwritten<Value> = Value extends object
  ? { readonly [Key in keyof Value]: Unwritten<Value[Key]> }
  : Value;

/** What is run, and by whom it is watched. */
export interface RunSettings {
  /** Path of an experiment file, or what such a file says. */
  readonly experiment: string | ExperimentSettings;
  /** When runs end; absent: as the experiment says. */
  readonly horizon?: Duration | "auto" | undefined;
  /**
   * Settings by path, over those of the experiment, as `--set` of the command line:
   * `{ "scheduler.percentageOfNodesToScore": 100 }`.
   */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Where relative paths start; absent: the working directory of the process. */
  readonly workingDirectory?: string | undefined;
  /** Told to stop: what is unfinished is removed, and the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Told what the user should know and is no error. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** Settings of functions that run an experiment here and now. */
export interface WatchedRunSettings extends RunSettings {
  /** Told of a run's progress several times a second, and at its start and end. */
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
}

/** The request for bench; `out`: the folder of the results. */
export function requestOf(
  settings: RunSettings,
  policies: readonly PolicyChoice[] | undefined,
  more: { readonly seeds?: Seeds | undefined; readonly out?: string | undefined },
): ExperimentRequest {
  const { experiment, horizon, set = {}, workingDirectory = process.cwd() } = settings;
  if (typeof experiment !== "string" && (typeof experiment !== "object" || experiment === null))
    throw new InputError(
      `experiment: got ${experiment === null ? "null" : typeof experiment}, want the path of an ` +
        "experiment file, or its settings as an object.",
    );
  const named = policies === undefined ? [] : namedPolicies(policies);
  const values = more.seeds === undefined ? set : { ...set, seeds: seedList(more.seeds) };
  return {
    ...(typeof experiment === "string"
      ? { file: experiment }
      : { settings: experiment as ExperimentInput }),
    flags: {
      policy: named,
      horizon:
        horizon === undefined || horizon === "auto" ? horizon : durationText(horizon, "horizon"),
      out: more.out,
      set: Object.entries(values).map(([path, value]) => `${path}=${JSON.stringify(value)}`),
    },
    workingDirectory,
  };
}

/** How many, or which: `20`, `[1, 2, "lucky"]`. */
export type Seeds = number | readonly (string | number)[];

const seedList = (seeds: Seeds): Seeds => (typeof seeds === "number" ? seeds : seeds.map(String));

/** The one experiment that the settings describe. Rejects with InputError. */
export async function experimentOf(
  settings: RunSettings,
  policies: readonly PolicyChoice[] | undefined,
  more: Parameters<typeof requestOf>[2],
): Promise<Experiment> {
  const { resolveExperiment } = await import("../bench/index.ts");
  return withPolicies(await resolveExperiment(requestOf(settings, policies, more)), policies);
}

/** The hooks of runs in this process. */
export function hooksOf(
  settings: Omit<WatchedRunSettings, "experiment">,
  policies: readonly PolicyChoice[] = [],
): RunHooks {
  const { signal = new AbortController().signal, onNotice, onProgress } = settings;
  const hooks = userCodeHooks();
  return {
    version: packageVersion(),
    loadPolicy: policyLoader(policies, hooks.loadPolicy),
    loadBalancer: hooks.loadBalancer,
    onRunStart: (progress) => onProgress?.(progress),
    onProgress: (progress) => onProgress?.(progress),
    onRunDone: (progress) => onProgress?.(progress),
    notice: (text) => onNotice?.(text),
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    signal,
  };
}
