/** Runs all runs of an experiment, one after the other, and writes its files. */

import { relative } from "node:path";
import { type ConfiguredSettings, profileByName, UNSUPPORTED_PLUGINS } from "../policies/index.ts";
import {
  type ManifestInput,
  ownMetrics,
  ReportFiles,
  type ReportTarget,
  reportedResources,
} from "../reports/index.ts";
import type { Node } from "../sim/api/index.ts";
import type { ClusterPolicies } from "../sim/index.ts";
import { openWorkload, type Workload } from "../workloads/index.ts";
import { type LoadedBalancers, loadBalancers } from "./balancers.ts";
import { withConfiguredSettings } from "./configured-settings.ts";
import { type Experiment, type PolicyRef, runsOf } from "./experiment.ts";
import type { ExperimentResult, RunHooks, RunProgress } from "./run-hooks.ts";
import { runOne } from "./run-one.ts";

/** What else decides the bytes of a run, for its record. */
export const REFERENCES = { kubernetes: "1.30" } as const;

/** A policy that is ready to run. */
export interface LoadedPolicy {
  readonly policies: ClusterPolicies;
  readonly settings: ConfiguredSettings | undefined;
  /** Of a policy file; undefined for a built-in policy. */
  readonly sha256: string | undefined;
}

/**
 * Runs the experiment. Rejects with InputError for a user's mistake and with the signal's reason
 * when it is told to stop; then no file is left that looks whole.
 */
export async function runExperiment(
  experiment: Experiment,
  hooks: RunHooks,
): Promise<ExperimentResult> {
  const balancers = await loadBalancers(experiment, hooks);
  const policies = await loadPolicies(experiment, balancers, hooks);
  const opening = openWorkload(experiment.workload, {
    baseDirectory: experiment.workloadBase,
    notice: hooks.notice,
  });
  const workload = await unlessAborted(opening, hooks.signal);
  const resources = reportedResources(nodesOf(workload));
  const { directory, files } = experiment.outputs;
  const request = { directory, resources, files, own: ownMetrics(hooks.recorders ?? []) };
  const reports = hooks.openReports?.(request) ?? new ReportFiles(request);
  try {
    const summaries = await runAll(experiment, { hooks, policies, workload, resources, reports });
    const { paths, comparisons } = reports.close({
      version: hooks.version,
      references: REFERENCES,
      inputs: [...workload.inputs, ...policyInputs(experiment, policies), ...balancers.inputs],
      configuration: configurationOf(experiment),
    });
    return { summaries, comparisons, paths };
  } catch (error) {
    reports.abort();
    throw error;
  }
}

interface Runners {
  readonly hooks: RunHooks;
  readonly policies: ReadonlyMap<PolicyRef, LoadedPolicy>;
  readonly workload: Workload;
  readonly resources: readonly string[];
  readonly reports: ReportTarget;
}

async function runAll(
  experiment: Experiment,
  { hooks, policies, workload, resources, reports }: Runners,
): Promise<ExperimentResult["summaries"]> {
  const runs = runsOf(experiment);
  const summaries: ExperimentResult["summaries"][number][] = [];
  for (const [index, run] of runs.entries()) {
    const labels = { policy: run.policy.label, workload: experiment.name, seed: run.seed };
    const label = `${experiment.name} / ${run.policy.label} / seed ${run.seed}`;
    const at = (fraction: number): RunProgress => {
      return { run: index + 1, runs: runs.length, label, fraction };
    };
    hooks.signal.throwIfAborted();
    hooks.onRunStart(at(0));
    const policy = loaded(policies, run.policy);
    const { summary, events } = await runOne({
      experiment,
      run: { ...run, options: withConfiguredSettings(run.options, policy.settings) },
      workload,
      policies: policy.policies,
      resources,
      sinks: reports.sinks(labels),
      recorders: hooks.recorders ?? [],
      onProgress: (fraction) => hooks.onProgress(at(fraction)),
      breathe: hooks.breathe,
      signal: hooks.signal,
      notice: index === 0 ? hooks.notice : undefined,
    });
    reports.addRun(summary);
    summaries.push(summary);
    hooks.onRunDone(at(1), events);
  }
  return summaries;
}

/** A workload may wait for the standard input for ever: the signal ends the wait. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
  });
  aborted.catch(() => {}); // after the race nobody waits for it
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Loads all policies that the experiment names. */
export async function loadPolicies(
  { policies: refs, cluster }: Pick<Experiment, "policies" | "cluster">,
  { ofProxies: balancer, named: balancerNamed }: LoadedBalancers,
  hooks: Pick<RunHooks, "loadPolicy" | "notice">,
): Promise<Map<PolicyRef, LoadedPolicy>> {
  const found = new Map<PolicyRef, LoadedPolicy>();
  for (const ref of refs) {
    noteLimits(ref, cluster.scheduler.ties, hooks);
    if (ref.path === undefined) {
      const profiles = [profileByName(ref.label)];
      const policies = { profiles, balancer, balancerNamed };
      found.set(ref, { policies, settings: undefined, sha256: undefined });
    } else {
      const { profiles, settings, ignored = [], sha256 } = await hooks.loadPolicy(ref.path);
      if (ignored.length > 0) {
        hooks.notice(`${ref.label}: without meaning in a simulation: ${ignored.join(", ")}`);
      }
      found.set(ref, { policies: { profiles, balancer, balancerNamed }, settings, sha256 });
    }
  }
  return found;
}

/** Says where a policy is not what its name may promise. */
function noteLimits(
  { label, path }: PolicyRef,
  ties: string,
  hooks: Pick<RunHooks, "notice">,
): void {
  if (label === "random" && path === undefined && ties === "lowest-name")
    hooks.notice("random draws among equal nodes: with ties lowest-name it is first fit by name");
  if (path !== undefined && /\.(ya?ml|json)$/.test(path) && UNSUPPORTED_PLUGINS.length > 0)
    hooks.notice(
      `${label}: default plugins that are not modelled: ${UNSUPPORTED_PLUGINS.join(", ")}`,
    );
}

function loaded(policies: Runners["policies"], ref: PolicyRef): LoadedPolicy {
  const policy = policies.get(ref);
  if (policy === undefined) throw new Error(`policy ${ref.label} was not loaded`);
  return policy;
}

/** Paths as an experiment file would write them: the same wherever the experiment's folder lies. */
function policyInputs(
  { policies: refs, workloadBase }: Experiment,
  policies: Runners["policies"],
): ManifestInput[] {
  return refs.flatMap((ref) => {
    const sha256 = loaded(policies, ref).sha256;
    if (ref.path === undefined || sha256 === undefined) return [];
    const path = relative(workloadBase, ref.path).replaceAll("\\", "/");
    return [{ path, sha256, policy: ref.label }];
  });
}

/** The experiment without folders of this machine: the same experiment, the same run.json. */
export function configurationOf(experiment: Experiment): unknown {
  const { workloadBase: _base, outputs, policies, ...rest } = experiment;
  const { directory: _directory, ...written } = outputs;
  return { ...rest, policies: policies.map(({ label }) => label), outputs: written };
}

export function nodesOf(workload: Workload): Node[] {
  return workload.initialObjects.filter(({ kind }) => kind === "Node") as unknown as Node[];
}
