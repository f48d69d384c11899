/** Makes the whole of an experiment: the file's settings, the flags over them, defaults below. */
import { basename, dirname, extname, resolve } from "node:path";
import { defaultTraceOptions, type ReportFile, reportFiles } from "../reports/index.ts";
import { InputError, parseDuration } from "../sim/kernel/index.ts";
import { type ClusterOptions, defaultClusterOptions } from "../sim/options/index.ts";
import { balancerFrom, withBalancersFrom } from "./balancers.ts";
import type { Experiment, PolicyRef } from "./experiment.ts";
import { type ExperimentFlags, settingsFromFlags, workloadFromFlags } from "./experiment-flags.ts";
import type { ClusterInput, ExperimentInput } from "./experiment-schema.ts";
import { fillFault, refuseAbsentServers } from "./fill-faults.ts";
import { fillServices } from "./fill-services.ts";
import { fillTraffic, refuseEndless } from "./fill-traffic.ts";
import { fillWorkload } from "./fill-workload.ts";
import { refuseImpossible } from "./possible-cluster.ts";
import { isPolicyFile } from "./setting-checks.ts";

export interface ExperimentRequest {
  /** Path of an experiment file, as the user wrote it. */
  readonly file?: string | undefined;
  readonly flags: ExperimentFlags;
  /** Absolute; where relative paths of flags, and of `file`, start. */
  readonly workingDirectory: string;
}

/**
 * Reads the file if there is one and resolves everything. Flags win over the file. Paths in the
 * file start from the file's folder, paths in flags from the working directory.
 */
export async function resolveExperiment(request: ExperimentRequest): Promise<Experiment> {
  const { file, flags, workingDirectory } = request;
  if (file === undefined) return assemble({}, workingDirectory, request);
  const { readExperimentFile } = await import("./experiment-file.ts");
  const path = resolve(workingDirectory, file);
  const input = await readExperimentFile(file, path);
  return assemble(input, dirname(path), { ...request, flags });
}

async function assemble(
  input: ExperimentInput,
  fileBase: string,
  { file, flags, workingDirectory }: ExperimentRequest,
): Promise<Experiment> {
  const set = settingsFromFlags(flags);
  const { workload, isReplaced } = workloadFromFlags(flags, input.workload);
  const where = file === undefined || isReplaced ? "" : `${file}: `;
  const spec = fillWorkload(workload, where);
  const workloadBase = isReplaced ? workingDirectory : fileBase;
  const horizon = set.horizon ?? input.horizon ?? "auto";
  const experiment: Experiment = {
    name: input.name ?? (file === undefined ? spec.type : basename(file, extname(file))),
    cluster: fillCluster(
      withBalancerFrom(input.cluster, fileBase, workloadBase),
      withBalancerFrom(set.cluster, workingDirectory, workloadBase),
    ),
    workload: spec,
    workloadBase,
    policies: set.policies
      ? policyRefs(set.policies, workingDirectory)
      : policyRefs(input.policies ?? ["default"], fileBase),
    seeds: seedList(set.seeds ?? input.seeds ?? 1, where),
    horizonUs: horizon === "auto" ? horizon : durationUs(horizon),
    outputs: fillOutputs(input.outputs, set.outputs, fileBase, workingDirectory),
    traffic: await Promise.all(
      (input.traffic ?? []).map(async (load, i) => {
        const filled = await fillTraffic(load, fileBase, `${where}traffic[${i}]`);
        const balancer = balancerFrom(filled.client.balancer, fileBase, workloadBase);
        return { ...filled, client: { ...filled.client, balancer } };
      }),
    ),
    services: withBalancersFrom(fillServices(input.services ?? {}), fileBase, workloadBase),
    faults: (input.faults ?? []).map((fault, i) => fillFault(fault, `${where}faults[${i}]`)),
  };
  refuseEndless(experiment, where);
  refuseImpossible(experiment, where);
  refuseAbsentServers(experiment, where);
  return experiment;
}

/** The settings with the path of the proxies' balancer, if it is one, from the workload's folder. */
function withBalancerFrom(
  cluster: ClusterInput | undefined,
  base: string,
  workloadBase: string,
): ClusterInput | undefined {
  const network = cluster?.network;
  if (network?.balancer === undefined) return cluster;
  const balancer = balancerFrom(network.balancer, base, workloadBase);
  return { ...cluster, network: { ...network, balancer } };
}

/** Settings over defaults, to any depth. Lists are replaced as a whole. */
function fillCluster(
  ...layers: readonly (ClusterInput | undefined)[]
): Omit<ClusterOptions, "seed"> {
  const { seed: _seed, ...defaults } = defaultClusterOptions;
  return layers.reduce<object>(overlay, defaults) as Omit<ClusterOptions, "seed">;
}

function overlay(below: object, above: object | undefined): object {
  const merged = new Map<string, unknown>(Object.entries(below));
  for (const [key, value] of Object.entries(above ?? {})) {
    const old = merged.get(key);
    if (value === undefined) continue;
    merged.set(key, isMapping(old) && isMapping(value) ? overlay(old, value) : value);
  }
  return Object.fromEntries(merged);
}

const isMapping = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function policyRefs(policies: readonly string[], base: string): PolicyRef[] {
  const refs = policies.map((text) => ({
    label: isPolicyFile(text) ? basename(text, extname(text)) : text,
    path: isPolicyFile(text) ? resolve(base, text) : undefined,
    text,
  }));
  const seen = new Set<string>();
  return refs.map(({ label, path, text }) => {
    const isShared = refs.filter((other) => other.label === label).length > 1;
    const unique = isShared ? text : label;
    if (seen.has(unique))
      throw new InputError(`policies: got "${text}" twice, want each once. Take one out.`);
    seen.add(unique);
    return { label: unique, path };
  });
}

function seedList(seeds: NonNullable<ExperimentInput["seeds"]>, where: string): string[] {
  const list = typeof seeds === "number" ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds;
  const names = list.map(String);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new InputError(`${where}seeds: got ${twice} twice, want each once. Take one out.`);
  return names;
}

type OutputsInput = ExperimentInput["outputs"];

function fillOutputs(
  file: OutputsInput,
  flags: OutputsInput,
  fileBase: string,
  workingDirectory: string,
): Experiment["outputs"] {
  const chosen: readonly ReportFile[] = file?.files ?? reportFiles;
  const inFile = file?.directory;
  return {
    directory:
      flags?.directory === undefined && inFile !== undefined
        ? resolve(fileBase, inFile)
        : resolve(workingDirectory, flags?.directory ?? "out"),
    files: reportFiles.filter((name) => chosen.includes(name)),
    utilizationIntervalUs: intervalUs(flags?.utilizationInterval ?? file?.utilizationInterval),
    traces: {
      share: file?.traceSample ?? defaultTraceOptions.share,
      limit: file?.traceLimit ?? defaultTraceOptions.limit,
    },
  };
}

/** A minute is our assumption. */
function intervalUs(text = "60s"): number {
  const us = durationUs(text);
  if (us > 0) return us;
  throw new InputError(`utilization interval: got ${text}, want a duration above 0, such as 60s.`);
}

function durationUs(text: string): number {
  const us = parseDuration(text);
  if (us === undefined) throw new Error(`duration "${text}" was not checked`);
  return us;
}
