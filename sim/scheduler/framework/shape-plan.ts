/**
 * ShapePlan: for the pods of one shape, which plugins are asked once per kind of node, which once
 * per node until it changes, and which in every cycle. It holds what preFilter and preScore of the
 * claiming plugins prepared: once per distinct key.
 */
import type { CallSite } from "./call-site.ts";
import type { ClusterInfo } from "./node-info.ts";
import type { EvaluationPlan, PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PluginKey, PodShape } from "./pod-shapes.ts";
import {
  type PreparedFilter,
  PreparedPod,
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
  readonly view: PodInfo;
  readonly state: unknown;
  readonly verdicts: KeyVerdicts;
  /** Hand over node.fixed. */
  readonly isFixed: boolean;
}

export interface ShapePlan {
  /** preFilter verdicts when no live plugin has a preFilter; else undefined: prepare each cycle. */
  readonly prepared: PreparedPod | undefined;
  readonly kindFilters: readonly Asked[];
  readonly nodeFilters: readonly Asked[];
  readonly liveFilters: readonly PlannedPlugin[];
  /** Not normalised: part of a slot's value. */
  readonly kindScorers: readonly Asked[];
  readonly nodeScorers: readonly Asked[];
  /** Normalised over the classes that have feasible nodes. */
  readonly classScorers: readonly Asked[];
  readonly liveScorers: readonly PlannedPlugin[];
  /** A failure of this shape is the same until nodes or pods change. */
  readonly isRepeatable: boolean;
}

/** What is prepared per key, for one evaluator; forgotten when resource numbers are added. */
export class KeyMemory {
  #byKey = new WeakMap<PluginKey, KeyVerdicts>();

  of(key: PluginKey): KeyVerdicts {
    let verdicts = this.#byKey.get(key);
    if (verdicts === undefined) {
      verdicts = {
        filter: undefined,
        score: undefined,
        isFilterPersonal: false,
        isScorePersonal: false,
      };
      this.#byKey.set(key, verdicts);
    }
    return verdicts;
  }

  forget(): void {
    this.#byKey = new WeakMap();
  }
}

interface Draft {
  readonly kindFilters: Asked[];
  readonly nodeFilters: Asked[];
  readonly liveFilters: PlannedPlugin[];
  readonly kindScorers: Asked[];
  readonly nodeScorers: Asked[];
  readonly classScorers: Asked[];
  readonly liveScorers: PlannedPlugin[];
}

/** Sorts the plugins for a shape, asking preFilter and preScore where that was not done for a key. */
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
  const prepared = new PreparedPod();
  let isPrepared = true;
  for (const planned of plan.plugins) {
    const key = shape.keys[planned.index];
    if (key === undefined) {
      if (planned.plugin.preFilter !== undefined) isPrepared = false;
      continue;
    }
    const verdicts = memory.of(key);
    verdicts.filter ??= prepareFilter(planned, key.view, cluster, site);
    if (isPrepared && !prepared.add(planned, verdicts.filter)) break;
  }
  for (const planned of plan.filters) {
    addFilter(draft, planned, shape.keys[planned.index], memory);
  }
  for (const planned of plan.scorers) {
    const key = shape.keys[planned.index];
    if (key !== undefined) memory.of(key).score ??= prepareScore(planned, key.view, cluster, site);
    addScorer(draft, planned, key, memory);
  }
  site.leave();
  const isRepeatable = isPrepared && draft.liveFilters.length === 0;
  return { ...draft, prepared: isPrepared ? prepared : undefined, isRepeatable };
}

function addFilter(
  draft: Draft,
  planned: PlannedPlugin,
  key: PluginKey | undefined,
  memory: KeyMemory,
): void {
  if (key === undefined) {
    draft.liveFilters.push(planned);
    return;
  }
  const verdicts = memory.of(key);
  if (verdicts.filter?.isSkipped === true) return;
  const asked = ask(planned, key, verdicts, verdicts.filter?.state);
  if (asked.isFixed && !verdicts.isFilterPersonal) draft.kindFilters.push(asked);
  else draft.nodeFilters.push(asked);
}

function addScorer(
  draft: Draft,
  planned: PlannedPlugin,
  key: PluginKey | undefined,
  memory: KeyMemory,
): void {
  if (key === undefined) {
    draft.liveScorers.push(planned);
    return;
  }
  const verdicts = memory.of(key);
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
  verdicts: Asked["verdicts"],
  state: unknown,
): Asked {
  return { planned, view, state, verdicts, isFixed: planned.filterReuse === "spec" };
}
