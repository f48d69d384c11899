/**
 * ShapePlan: for the pods of one local shape, which plugins are asked once per kind of node, which
 * once per node until it changes, and which in every cycle. It holds what preFilter and preScore of
 * the `spec` and `node` plugins prepared: once per distinct key.
 */
import type { CallSite } from "./call-site.ts";
import { CLAIMED_FEASIBLE } from "./feasible-nodes.ts";
import type { AnyPlugin } from "./interface.ts";
import type { ClusterInfo } from "./node-info.ts";
import type { EvaluationPlan, PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PluginKey, PodShape } from "./pod-shapes.ts";
import {
  type PreparedFilter,
  type PreparedScore,
  prepareFilter,
  prepareScore,
} from "./prepared-pod.ts";

/** What is known of one plugin for one key. */
export interface KeyVerdicts {
  filter: PreparedFilter | undefined;
  score: PreparedScore | undefined;
  /** The spec verdict looks at what differs between nodes of a kind: ask per node. */
  isFilterPersonal: boolean;
  isScorePersonal: boolean;
}

/** One plugin as it is asked for this shape. */
export interface Asked {
  readonly planned: PlannedPlugin;
  readonly plugin: AnyPlugin;
  /** Place in the plan: filters are asked in this order. */
  readonly index: number;
  readonly view: PodInfo;
  readonly state: unknown;
  readonly verdicts: KeyVerdicts;
  /** Hand over node.fixed. */
  readonly isFixed: boolean;
}

/** The lists are in profile order. */
export interface ShapePlan {
  readonly kindFilters: readonly Asked[];
  readonly nodeFilters: readonly Asked[];
  readonly liveFilters: readonly PlannedPlugin[];
  /** Scores that need no normalising: added to the values beforehand. */
  readonly kindScorers: readonly Asked[];
  readonly nodeScorers: readonly Asked[];
  /** Scores per kind of node, normalised in each cycle over the kinds that have feasible nodes. */
  readonly classScorers: readonly Asked[];
  readonly liveScorers: readonly PlannedPlugin[];
}

type Draft = {
  -readonly [Field in keyof ShapePlan]: ShapePlan[Field] extends readonly (infer T)[] ? T[] : never;
};

/** Verdicts per plugin key, shared by all shapes with that key. */
export class KeyMemory {
  #verdicts = new WeakMap<PluginKey, KeyVerdicts>();

  of(key: PluginKey): KeyVerdicts {
    let verdicts = this.#verdicts.get(key);
    if (verdicts === undefined) {
      verdicts = {
        filter: undefined,
        score: undefined,
        isFilterPersonal: false,
        isScorePersonal: false,
      };
      this.#verdicts.set(key, verdicts);
    }
    return verdicts;
  }

  forget(): void {
    this.#verdicts = new WeakMap();
  }
}

/** What a `spec` or `node` plugin's preFilter says about all pods of a key, asked once. */
export function preparedFilterOf(
  memory: KeyMemory,
  planned: PlannedPlugin,
  key: PluginKey,
  cluster: ClusterInfo,
  site: CallSite,
): PreparedFilter {
  const verdicts = memory.of(key);
  verdicts.filter ??= prepareFilter(planned, key.view, cluster, site);
  return verdicts.filter;
}

/** Sorts the plugins by how they are asked. `cluster` is what claiming plugins may see of it. */
export function planShape(
  plan: EvaluationPlan,
  shape: PodShape,
  memory: KeyMemory,
  cluster: ClusterInfo,
  site: CallSite,
): ShapePlan {
  const draft: Draft = {
    kindFilters: [],
    nodeFilters: [],
    liveFilters: [],
    kindScorers: [],
    nodeScorers: [],
    classScorers: [],
    liveScorers: [],
  };
  for (const planned of plan.filters) {
    const key = localKey(planned, shape);
    if (key === undefined) draft.liveFilters.push(planned);
    else {
      preparedFilterOf(memory, planned, key, cluster, site);
      addFilter(draft, planned, key, memory.of(key));
    }
  }
  for (const planned of plan.scorers) {
    const key = localKey(planned, shape);
    if (key === undefined) draft.liveScorers.push(planned);
    else {
      const verdicts = memory.of(key);
      verdicts.score ??= prepareScore(planned, key.view, cluster, CLAIMED_FEASIBLE, site);
      addScorer(draft, planned, key, verdicts);
    }
  }
  site.leave();
  return draft;
}

function localKey({ index, isClaimed }: PlannedPlugin, shape: PodShape): PluginKey | undefined {
  return isClaimed ? shape.keys[index] : undefined;
}

function addFilter(
  draft: Draft,
  planned: PlannedPlugin,
  key: PluginKey,
  verdicts: KeyVerdicts,
): void {
  if (verdicts.filter?.isSkipped === true) return;
  const asked = ask(planned, key, verdicts, verdicts.filter?.state);
  if (asked.isFixed && !verdicts.isFilterPersonal) draft.kindFilters.push(asked);
  else draft.nodeFilters.push(asked);
}

function addScorer(
  draft: Draft,
  planned: PlannedPlugin,
  key: PluginKey,
  verdicts: KeyVerdicts,
): void {
  if (verdicts.score?.isSkipped === true) return;
  const asked = ask(planned, key, verdicts, verdicts.score?.state);
  const isPlain = planned.normalize === "none";
  if (planned.scoreReuse === "live") draft.liveScorers.push(planned);
  else if (!asked.isFixed) draft.nodeScorers.push(asked);
  else if (!verdicts.isScorePersonal)
    (isPlain ? draft.kindScorers : draft.classScorers).push(asked);
  else if (isPlain) draft.nodeScorers.push(asked);
  else draft.liveScorers.push(planned);
}

function ask(
  planned: PlannedPlugin,
  { view }: PluginKey,
  verdicts: KeyVerdicts,
  state: unknown,
): Asked {
  const { plugin, index } = planned;
  const isFixed = planned.filterReuse === "spec";
  return { planned, plugin, index, view, state, verdicts, isFixed };
}
