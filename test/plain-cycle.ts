/**
 * One scheduling cycle written the plain way, in full detail: every plugin of a profile on every
 * node. What each plugin said is what the conformance data records and the evaluators forget.
 */
import {
  type AnyPlugin,
  type ClusterInfo,
  type FeasibleNodes,
  type NodeInfo,
  type Normalize,
  type PodInfo,
  type Profile,
  type Rejection,
  SKIP,
  UNSCORED,
  type Verdict,
} from "../sim/scheduler/index.ts";

export interface Status extends Rejection {
  readonly plugin: string;
}

interface FilterDetail {
  /** A preFilter rejected the pod on all nodes at once. */
  readonly preFilter: Status | undefined;
  /** Nodes that a preFilter left out. */
  readonly excluded: readonly string[];
  readonly feasible: readonly NodeInfo[];
  /** First rejection, by node name. */
  readonly filtered: ReadonlyMap<string, Status>;
}

export function plainFilter(profile: Profile, pod: PodInfo, cluster: ClusterInfo): FilterDetail {
  const states = new Map<AnyPlugin, unknown>();
  const filtered = new Map<string, Status>();
  const feasible: NodeInfo[] = [];
  const excluded: string[] = [];
  let allowed: readonly string[] | undefined;
  for (const { plugin } of profile.plugins) {
    if (plugin.filter === undefined && plugin.preFilter === undefined) continue;
    const result = plugin.preFilter?.(pod, cluster) ?? { state: undefined };
    if (result === SKIP) continue;
    if (result.reject) {
      const preFilter = { plugin: plugin.name, ...result.reject };
      return { preFilter, excluded, feasible, filtered };
    }
    states.set(plugin, result.state);
    const before: readonly string[] | undefined = allowed;
    const names = result.nodeNames?.filter((name) => before?.includes(name) ?? true);
    if (names !== undefined) allowed = names;
  }
  for (const node of cluster.nodes) {
    if (allowed !== undefined && !allowed.includes(node.name)) {
      excluded.push(node.name);
      continue;
    }
    const status = firstRejection(states, pod, node);
    if (status === undefined) feasible.push(node);
    else filtered.set(node.name, status);
  }
  return { preFilter: undefined, excluded, feasible, filtered };
}

export function asRejection(verdict: Verdict): Rejection | undefined {
  return typeof verdict === "string" ? { code: "Unschedulable", reasons: [verdict] } : verdict;
}

/** What the framework hands to a plugin: without the pods, if it claims not to look at them. */
export function handedOver(plugin: AnyPlugin, node: NodeInfo): NodeInfo {
  return plugin.locality === "spec" ? (node.fixed as NodeInfo) : node;
}

/** Turns raw scores into 0..100 by the plugin's claim, in place. */
export function normalizePlainly(raws: number[], normalize: Normalize = "none"): void {
  const scored = raws.filter((raw) => raw !== UNSCORED);
  const min = Math.min(...scored);
  const max = Math.max(...scored);
  if (typeof normalize === "object") normalize.all(raws);
  else
    raws.forEach((raw, index) => {
      raws[index] = normalizeOne(normalize, raw, min, max);
    });
}

function normalizeOne(
  normalize: Exclude<Normalize, object> | ((raw: number, min: number, max: number) => number),
  raw: number,
  min: number,
  max: number,
): number {
  if (typeof normalize === "function") return Math.trunc(normalize(raw, min, max));
  switch (normalize) {
    case "none":
      return raw;
    case "max":
      return max === 0 ? 0 : Math.trunc((100 * raw) / max);
    case "maxReversed":
      return max === 0 ? 100 : 100 - Math.trunc((100 * raw) / max);
    case "minMax":
      return max === min ? 0 : Math.trunc((100 * (raw - min)) / (max - min));
  }
}

function firstRejection(
  states: ReadonlyMap<AnyPlugin, unknown>,
  pod: PodInfo,
  node: NodeInfo,
): Status | undefined {
  for (const [plugin, state] of states) {
    const rejection = asRejection(plugin.filter?.(pod, handedOver(plugin, node), state));
    if (rejection !== undefined) return { plugin: plugin.name, ...rejection };
  }
  return undefined;
}

/** What preScore may know of the nodes that passed all filters. */
export function plainFeasible(feasible: readonly NodeInfo[]): FeasibleNodes {
  const numbers = [...new Set(feasible.map(({ kind }) => kind))].sort((a, b) => a - b);
  const kinds = numbers.flatMap((number) => {
    const nodes = feasible.filter(({ kind }) => kind === number);
    return nodes.slice(0, 1).map((node) => ({ number, node, nodeCount: nodes.length }));
  });
  return { count: feasible.length, kinds };
}

/** Normalised, weighted scores of each plugin over `feasible`. */
export function plainScores(
  profile: Profile,
  pod: PodInfo,
  cluster: ClusterInfo,
  feasible: readonly NodeInfo[],
): ReadonlyMap<string, readonly number[]> {
  const scores = new Map<string, readonly number[]>();
  for (const { plugin, weight } of profile.plugins) {
    if (plugin.score === undefined || weight === 0) continue;
    const prepared = plugin.preScore?.(pod, cluster, plainFeasible(feasible)) ?? {
      state: undefined,
    };
    if (prepared === SKIP) continue;
    const raws = feasible.map((node) =>
      Math.trunc(plugin.score?.(pod, handedOver(plugin, node), prepared.state) ?? 0),
    );
    normalizePlainly(raws, plugin.normalize);
    scores.set(
      plugin.name,
      raws.map((score) => score * weight),
    );
  }
  return scores;
}
