/** Makes the whole of an experiment: its settings, the flags over them, defaults below. */
import { basename, extname, resolve } from "node:path";
import {
  defaultNodeGrid,
  defaultTraceOptions,
  noWarmup,
  type ReportFile,
  reportFiles,
} from "../reports/index.ts";
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
import { overlay } from "./overlay.ts";
import { refuseImpossible } from "./possible-cluster.ts";
import { isPolicyFile } from "./setting-checks.ts";

export interface ExperimentRequest {
  /** Path of an experiment file, as the user wrote it. */
  readonly file?: string | undefined;
  /** In place of a file: what it would say, not yet checked. Its paths start from there, too. */
  readonly settings?: unknown;
  readonly flags: ExperimentFlags;
  /** Absolute; where relative paths of flags, and of `file`, start. */
  readonly workingDirectory: string;
  /** CSV files to write where the experiment file does not say; absent: all. */
  readonly files?: readonly ReportFile[] | undefined;
}

/**
 * The experiment of these settings, checked ones, with defaults and flags. `fileBase`: absolute
 * folder that its relative paths start from.
 */
export async function fillExperiment(
  input: ExperimentInput,
  fileBase: string,
  { file, flags, workingDirectory, files }: ExperimentRequest,
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
    outputs: fillOutputs(input.outputs, set.outputs, { fileBase, workingDirectory, files }),
    analysis: fillAnalysis(input.analysis),
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
  refuseLongWarmup(experiment, where);
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
  return layers.reduce<unknown>(overlay, defaults) as Omit<ClusterOptions, "seed">;
}

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

interface OutputDefaults extends Pick<ExperimentRequest, "workingDirectory" | "files"> {
  readonly fileBase: string;
}

function fillOutputs(
  file: OutputsInput,
  flags: OutputsInput,
  { fileBase, workingDirectory, files = reportFiles }: OutputDefaults,
): Experiment["outputs"] {
  const chosen: readonly ReportFile[] = file?.files ?? files;
  const inFile = file?.directory;
  return {
    directory:
      flags?.directory === undefined && inFile !== undefined
        ? resolve(fileBase, inFile)
        : resolve(workingDirectory, flags?.directory ?? "out"),
    files: reportFiles.filter((name) => chosen.includes(name)),
    utilizationIntervalUs: intervalUs(flags?.utilizationInterval ?? file?.utilizationInterval),
    nodeGrid: {
      rows: file?.nodeRows ?? defaultNodeGrid.rows,
      intervals: file?.nodeIntervals ?? defaultNodeGrid.intervals,
    },
    traces: {
      share: file?.traceSample ?? defaultTraceOptions.share,
      limit: file?.traceLimit ?? defaultTraceOptions.limit,
    },
  };
}

function fillAnalysis(analysis: ExperimentInput["analysis"]): Experiment["analysis"] {
  const { warmup = "none", of = noWarmup.of } = analysis ?? {};
  if (warmup === "none") return { ...noWarmup, of };
  return { warmupUs: warmup === "mser-5" ? warmup : durationUs(warmup), of };
}

function refuseLongWarmup({ analysis, horizonUs }: Experiment, where: string): void {
  const { warmupUs } = analysis;
  if (warmupUs === "mser-5" || horizonUs === "auto" || warmupUs < horizonUs) return;
  if (warmupUs === 0) return;
  throw new InputError(
    `${where}analysis.warmup: got ${warmupUs / 1_000_000}s, want less than the horizon, ` +
      `${horizonUs / 1_000_000}s: nothing would be left to report.`,
  );
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
