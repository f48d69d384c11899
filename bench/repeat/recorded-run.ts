/** What run.json says about a run that is to be repeated. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { DigestCheckpoint, ManifestInput } from "../../reports/index.ts";
import { InputError } from "../../sim/kernel/index.ts";
import { defaultClusterOptions } from "../../sim/options/index.ts";
import type { Experiment } from "../experiment.ts";

/** The experiment as it was written down: without folders of the machine. */
export type RecordedConfiguration = Omit<Experiment, "workloadBase" | "policies" | "outputs"> & {
  readonly policies: readonly string[];
  readonly outputs: Omit<Experiment["outputs"], "directory">;
};

export interface RecordedResult {
  readonly policy: string;
  readonly workload: string;
  readonly seed: string;
  readonly decisions: string;
  readonly commits: string;
  /** In order. */
  readonly checkpoints: readonly DigestCheckpoint[];
}

export interface RecordedRun {
  /** As the user named it. */
  readonly path: string;
  /** Absolute folder of run.json. */
  readonly directory: string;
  /** Of stowage. */
  readonly version: string;
  readonly inputs: readonly ManifestInput[];
  readonly configuration: RecordedConfiguration;
  readonly results: readonly RecordedResult[];
}

interface Manifest {
  readonly stowage?: string;
  readonly inputs?: readonly ManifestInput[];
  readonly configuration?: RecordedConfiguration;
  readonly runs?: readonly {
    readonly policy: string;
    readonly workload: string;
    readonly seed: string;
    readonly digest_decisions: string;
    readonly digest_commits: string;
    readonly digest_commits_after?: Readonly<Record<string, string>>;
  }[];
}

/**
 * Reads the run.json of an output folder, or the file itself. Throws InputError when there is none
 * or when it was written by a version whose settings are others; `version` is this one's.
 */
export function readRecordedRun(named: string, base: string, version: string): RecordedRun {
  const path = manifestPath(named, resolve(base, named));
  const manifest = parse(named, path);
  const { stowage = "", inputs, configuration, runs } = manifest;
  const lacks = missingFields(manifest);
  if (configuration === undefined || inputs === undefined || runs === undefined || lacks !== "") {
    throw new InputError(
      `${named}: run.json has no ${lacks}: it is of stowage ${stowage || "unknown"}, this is ` +
        `${version}. Run the experiment again with this version, or use that one.`,
    );
  }
  const results = runs.map((run) => ({
    policy: run.policy,
    workload: run.workload,
    seed: run.seed,
    decisions: run.digest_decisions,
    commits: run.digest_commits,
    checkpoints: Object.entries(run.digest_commits_after ?? {}).map(([writes, digest]) => ({
      writes: Number(writes),
      digest,
    })),
  }));
  return {
    path: named,
    directory: dirname(path),
    version: stowage,
    inputs,
    configuration,
    results,
  };
}

function manifestPath(named: string, path: string): string {
  if (!existsSync(path)) {
    throw new InputError(
      `${named}: no such folder or file, want an output folder of stowage run. ` +
        "Name the folder that --out named.",
    );
  }
  if (!statSync(path).isDirectory()) return path;
  const inside = join(path, "run.json");
  if (existsSync(inside)) return inside;
  throw new InputError(
    `${named}: has no run.json, want an output folder of stowage run. ` +
      "A run that was interrupted leaves none: run it again.",
  );
}

function parse(named: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new InputError(`${named}: cannot be read as run.json: ${(error as Error).message}.`);
  }
  if (typeof value === "object" && value !== null && "stowage" in value) return value as Manifest;
  throw new InputError(
    `${named}: is no run.json of stowage. Name an output folder of stowage run, or its run.json.`,
  );
}

/** The first field that this version needs and the file has not; "": it has all. */
function missingFields(manifest: Manifest): string {
  const { inputs, configuration, runs } = manifest;
  const wanted = {
    inputs,
    runs,
    configuration,
    "configuration.cluster": configuration?.cluster,
    "configuration.workload": configuration?.workload,
    "configuration.policies": configuration?.policies,
    "configuration.traffic": configuration?.traffic,
    "configuration.faults": configuration?.faults,
    "configuration.outputs": configuration?.outputs,
    "configuration.horizonUs": configuration?.horizonUs,
  };
  for (const [name, value] of Object.entries(wanted)) if (value === undefined) return name;
  const { seed: _seed, ...options } = defaultClusterOptions;
  const path = missingOption(configuration?.cluster ?? {}, options);
  return path === "" ? "" : `configuration.cluster.${path}`;
}

function missingOption(have: object, want: object): string {
  const known = new Map<string, unknown>(Object.entries(have));
  for (const [name, value] of Object.entries(want) as [string, unknown][]) {
    if (value === undefined) continue;
    const own = known.get(name);
    if (own === undefined) return name;
    if (!isMapping(own) || !isMapping(value)) continue;
    const inner = missingOption(own, value);
    if (inner !== "") return `${name}.${inner}`;
  }
  return "";
}

const isMapping = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
