/**
 * Preemption storms: a full cluster and arrivals of higher priority, each of which finds no node,
 * asks why, preempts, and takes the place of its victims, all of which is the decision. After a
 * hundred of them everything is put back. `budgets`: the victims' apps have PodDisruptionBudgets.
 */
import { defaultProfile } from "../../../policies/index.ts";
import type { ApiObject, KeyRecord, Pod } from "../../../sim/api/index.ts";
import {
  type EvaluationMode,
  type Framework,
  NO_SLOT,
  type PlacedPod,
  type PluginRequests,
  type PodInfo,
} from "../../../sim/scheduler/index.ts";
import type { Bench, BenchRow, BenchSettings } from "../bench.ts";
import { decisionColumns, isInRun, measureRow } from "./decision-table.ts";
import type { PrepareDecisions } from "./measure-decisions.ts";
import { CREATED, type PodGroup, plainGroups, specOf } from "./pod-group.ts";
import { SteadyCluster } from "./steady-cluster.ts";

const SHAPES = 20;
const ARRIVAL_SHAPES = 5;
const HIGH_PRIORITY = 1_000;
/** Preemptions before victims and preemptors are put back. */
const STORM = 100;

export const decisionsPreemption: Bench = {
  name: "decisions preemption",
  columns: decisionColumns,
  async run(settings) {
    return [
      ...stormRows(settings, 1_000, "storm", ""),
      ...stormRows(settings, 5_000, "storm", "< 250"),
      ...stormRows(settings, 5_000, "budgets", "< 250"),
      ...stormRows(settings, 10_000, "storm", ""),
    ];
  },
};

function stormRows(
  settings: BenchSettings,
  nodeCount: number,
  kind: "storm" | "budgets",
  goalUs: string,
): BenchRow[] {
  const label = `${nodeCount} ${kind}`;
  if (!settings.wants(label) || !isInRun(settings, nodeCount)) return [];
  const low = lowGroups(kind === "budgets");
  const groups = [...low, ...highGroups()];
  const boundGroups = low.length;
  const cluster = new SteadyCluster({ nodeCount, groups, boundGroups, fill: [1, 1] });
  const prepareFor = (evaluation: EvaluationMode) => new Storm(cluster, evaluation).prepare;
  return [measureRow(settings, { label, goalUs, warmUp: STORM }, prepareFor)];
}

/** Pods of priorities 0 to 3. */
function lowGroups(hasBudgets: boolean): PodGroup[] {
  return plainGroups(SHAPES).map((group, index) => ({
    ...group,
    labels: { app: group.name },
    spec: { ...group.spec, priority: index % 4 },
    objects: hasBudgets ? [budget(group.name, index % 3)] : [],
  }));
}

function budget(app: string, disruptionsAllowed: number): ApiObject {
  const object: ApiObject & { readonly spec: unknown; readonly status: unknown } = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: {
      name: app,
      namespace: "default",
      uid: `uid-budget-${app}`,
      resourceVersion: "1",
      creationTimestamp: CREATED,
    },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed },
  };
  return object;
}

/** Larger than any room that is left on a full node. */
function highGroups(): PodGroup[] {
  return Array.from({ length: ARRIVAL_SHAPES }, (_, index) => ({
    name: `high-${index}`,
    labels: {},
    spec: { ...specOf(3_000 + 500 * index, 9_000 + 500 * index), priority: HIGH_PRIORITY },
    sharesSpec: false,
  }));
}

/** One framework's storms over a cluster. */
class Storm {
  readonly #cluster: SteadyCluster;
  readonly #framework: Framework;
  /** Pods that the plugin has deleted in this preemption. */
  readonly #deleted: KeyRecord<Pod>[] = [];
  #gone: PlacedPod[] = [];
  #preemptors: PodInfo[] = [];
  readonly #draw = (count: number): number => this.#cluster.below(count);

  constructor(cluster: SteadyCluster, evaluation: EvaluationMode) {
    this.#cluster = cluster;
    const requests: PluginRequests = {
      patch() {},
      delete: (record) => this.#deleted.push(record as KeyRecord<Pod>),
      event() {},
    };
    const profile = defaultProfile({ percentageOfNodesToScore: 100 });
    this.#framework = cluster.framework(profile, evaluation, requests);
  }

  /** A long round puts back after every storm, which is part of its figure: some 5 calls a preemption. */
  readonly prepare: PrepareDecisions = (count) => {
    this.#putBack();
    const { groups } = this.#cluster;
    const arrivals = Array.from({ length: count }, (_, index) => {
      const group = groups[groups.length - 1 - (index % ARRIVAL_SHAPES)] as PodGroup;
      return this.#cluster.podInfo(group);
    });
    return () => {
      for (const [index, arrival] of arrivals.entries()) {
        this.#preempt(arrival);
        if (index % STORM === STORM - 1) this.#putBack();
      }
      return undefined;
    };
  };

  #preempt(arrival: PodInfo): void {
    const { cache } = this.#cluster;
    const framework = this.#framework;
    if (framework.evaluate(arrival, this.#draw).chosenSlot !== NO_SLOT) {
      throw new Error(`${arrival.record.key} found a node: the cluster is not full`);
    }
    const diagnosis = framework.diagnose(arrival);
    const attempt = { diagnosis, draw: this.#draw, isLowestName: false };
    const { nominatedNode } = framework.postFilter(arrival, attempt);
    if (nominatedNode === "") throw new Error(`${arrival.record.key} found nobody to preempt`);
    for (const record of this.#deleted) {
      const placed = cache.placedPod(record);
      if (placed !== undefined) this.#gone.push({ ...placed });
      cache.removePod(record);
    }
    this.#deleted.length = 0;
    cache.assumePod(arrival, nominatedNode);
    this.#preemptors.push(arrival);
  }

  #putBack(): void {
    const { cache } = this.#cluster;
    for (const { record } of this.#preemptors) cache.removePod(record);
    for (const { info, nodeName } of this.#gone) cache.addPod(info, nodeName);
    this.#preemptors = [];
    this.#gone = [];
  }
}
