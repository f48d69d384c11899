/**
 * The command line's flags as parts of an experiment file: each flag has its place there, and is
 * checked here in the words of the flag.
 */
import { InputError, nearestName, parseDuration } from "../sim/kernel/index.ts";
import { defaultClusterOptions } from "../sim/options/index.ts";
import { parseTraceName } from "../workloads/index.ts";
import { balancerNameFault } from "./balancers.ts";
import type { ExperimentInput } from "./experiment-schema.ts";
import { DURATION_WANTED, distributionFault } from "./setting-checks.ts";

/** Flags of `stowage run` and `stowage compare`. What is not given is undefined or absent. */
export interface ExperimentFlags {
  /** `openb` or `openb:FILE` */
  readonly trace?: string | undefined;
  /** Files of Nodes; with `trace`, its node list. */
  readonly nodes?: readonly string[] | undefined;
  readonly manifests?: readonly string[] | undefined;
  readonly policy?: readonly string[] | undefined;
  /** How many seeds: 1, 2, ... */
  readonly seeds?: number | undefined;
  /** One seed. */
  readonly seed?: string | undefined;
  readonly load?: number | undefined;
  readonly rate?: number | undefined;
  readonly timeScale?: number | undefined;
  readonly horizon?: string | undefined;
  readonly out?: string | undefined;
  readonly evaluation?: string | undefined;
  readonly balancer?: string | undefined;
  readonly events?: boolean | undefined;
  /** Each `SETTING=DISTRIBUTION`. */
  readonly latency?: readonly string[] | undefined;
  readonly utilizationInterval?: string | undefined;
  /** Each `PATH=VALUE`: see study/setting-path.ts. */
  readonly set?: readonly string[] | undefined;
}

/** The flags about the cluster, the horizon and the outputs. InputError names the flag. */
export function settingsFromFlags(flags: ExperimentFlags): ExperimentInput {
  return defined({
    cluster: clusterFromFlags(flags),
    policies: nonEmpty(flags.policy),
    seeds: seedsFromFlags(flags),
    horizon: horizonFromFlag(flags.horizon),
    outputs: defined({
      directory: flags.out,
      utilizationInterval: durationFlag("--utilization-interval", flags.utilizationInterval),
    }),
  });
}

function clusterFromFlags(flags: ExperimentFlags): NonNullable<ExperimentInput["cluster"]> {
  const { evaluation, balancer } = flags;
  if (evaluation !== undefined && !isEvaluation(evaluation))
    throw new InputError(
      `--evaluation: got "${evaluation}", want one of ${evaluations.join(", ")}.`,
    );
  const fault = balancer === undefined ? undefined : balancerNameFault(balancer);
  if (fault !== undefined) throw new InputError(`--balancer: ${fault}`);
  return defined({
    events: flags.events,
    scheduler: evaluation === undefined ? undefined : { evaluation },
    network: balancer === undefined ? undefined : { balancer },
    latency: flags.latency === undefined ? undefined : latencyFromFlags(flags.latency),
  });
}

const evaluations = ["full", "incremental", "verify"] as const;
const isEvaluation = (text: string): text is (typeof evaluations)[number] =>
  (evaluations as readonly string[]).includes(text);

function latencyFromFlags(settings: readonly string[]): Record<string, string | number> {
  const known = new Map<string, unknown>(Object.entries(defaultClusterOptions.latency));
  const latency: Record<string, string | number> = {};
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    const key = equals < 0 ? setting : setting.slice(0, equals);
    const value = equals < 0 ? "" : setting.slice(equals + 1);
    const standard = known.get(key);
    if (standard === undefined) {
      const near = nearestName(key, [...known.keys()]);
      const meant =
        near === undefined ? `Known: ${[...known.keys()].join(", ")}.` : `Did you mean "${near}"?`;
      throw new InputError(`--latency: got "${key}", want the name of a latency. ${meant}`);
    }
    latency[key] = typeof standard === "number" ? numberOf(key, value) : distributionOf(key, value);
  }
  return latency;
}

function numberOf(key: string, value: string): number {
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (number >= 0 && Number.isFinite(number)) return number;
  throw new InputError(`--latency ${key}: got "${value}", want a number, 0 or more: ${key}=900`);
}

function distributionOf(key: string, value: string): string {
  const fault = distributionFault(value);
  if (fault === undefined) return value;
  throw new InputError(`--latency ${key}: ${fault}`);
}

function seedsFromFlags({ seed, seeds }: ExperimentFlags): ExperimentInput["seeds"] {
  if (seed !== undefined && seeds !== undefined)
    throw new InputError(
      "--seed and --seeds: got both, want one. --seeds 3 means the seeds 1, 2, 3.",
    );
  if (seed === "") throw new InputError('--seed: got "", want a number or text.');
  if (seeds !== undefined && !(Number.isInteger(seeds) && seeds >= 1 && seeds <= 100_000))
    throw new InputError(`--seeds: got ${seeds}, want how many seeds to run, 1 to 100000.`);
  return seed === undefined ? seeds : [seed];
}

function horizonFromFlag(text: string | undefined): string | undefined {
  return text === "auto" ? text : durationFlag("--horizon", text, "auto, or ");
}

function durationFlag(name: string, text: string | undefined, or = ""): string | undefined {
  if (text === undefined || parseDuration(text) !== undefined) return text;
  throw new InputError(`${name}: got "${text}", want ${or}${DURATION_WANTED}.`);
}

type WorkloadInput = NonNullable<ExperimentInput["workload"]>;

/**
 * The workload that the flags make of the file's (`given`). `isReplaced`: its paths come from the
 * command line, and start from the working directory.
 */
export function workloadFromFlags(
  flags: ExperimentFlags,
  given: WorkloadInput | undefined,
): { readonly workload: WorkloadInput | undefined; readonly isReplaced: boolean } {
  const files = nonEmpty(flags.manifests);
  const nodes = nonEmpty(flags.nodes);
  if (flags.trace !== undefined && files !== undefined)
    throw new InputError("--trace and --manifests: got both, want one workload.");
  if (flags.trace !== undefined)
    return { workload: { openb: traceFromFlags(flags, flags.trace, nodes) }, isReplaced: true };
  if (files !== undefined || nodes !== undefined) {
    refuseOpenbFlags(flags, "manifests");
    return { workload: { manifests: defined({ nodes, manifests: files }) }, isReplaced: true };
  }
  if (given?.openb === undefined) {
    refuseOpenbFlags(flags, Object.keys(given ?? {})[0] ?? "no workload");
    return { workload: given, isReplaced: false };
  }
  return {
    workload: { ...given, openb: withOpenbFlags(given.openb ?? {}, flags) },
    isReplaced: false,
  };
}

type OpenbInput = NonNullable<WorkloadInput["openb"]>;

function traceFromFlags(
  flags: ExperimentFlags,
  trace: string,
  nodes: readonly string[] | undefined,
): OpenbInput {
  if (nodes !== undefined && nodes.length > 1)
    throw new InputError(`--nodes: got ${nodes.length} files, want one node list for a trace.`);
  const { file } = parseTraceName(trace);
  return withOpenbFlags(defined({ pods: file, nodes: nodes?.[0] }), flags);
}

/** A time scale on the command line puts aside the file's rate and load, and the other way round. */
function withOpenbFlags(given: OpenbInput, flags: ExperimentFlags): OpenbInput {
  for (const [name, value] of openbFlags(flags))
    if (value !== undefined && !(value > 0 && Number.isFinite(value)))
      throw new InputError(`${name}: got ${value}, want a number above 0.`);
  const { timeScale, load, rate } = flags;
  const { timeScale: fileScale, load: fileLoad, rate: fileRate, ...rest } = given;
  if (timeScale !== undefined) return { ...rest, ...defined({ timeScale, load, rate }) };
  if (load === undefined && rate === undefined) return given;
  return { ...rest, ...defined({ load: load ?? fileLoad, rate: rate ?? fileRate }) };
}

function refuseOpenbFlags(flags: ExperimentFlags, workload: string): void {
  for (const [name, value] of openbFlags(flags))
    if (value !== undefined)
      throw new InputError(
        `${name}: got it with ${workload}, want it with --trace openb only. Leave it out.`,
      );
}

const openbFlags = (flags: ExperimentFlags) =>
  [
    ["--load", flags.load],
    ["--rate", flags.rate],
    ["--time-scale", flags.timeScale],
  ] as const;

const nonEmpty = (list: readonly string[] | undefined): string[] | undefined =>
  list === undefined || list.length === 0 ? undefined : [...list];

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The object without the fields that are undefined. */
function defined<T extends object>(fields: T): Partial<Defined<T>> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<Defined<T>>;
}
