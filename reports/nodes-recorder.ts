/**
 * NodesRecorder: how full each node was over time (nodes.csv), for a heat map. Nodes are taken
 * together where there are many, and intervals are doubled when there get to be many: file and
 * memory stay small however large the cluster and however long the run.
 */
import type { Node, Trace } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import { type NodeGridOptions, type NodeGroup, NodeGroups } from "./node-groups.ts";
import type { PodJourney, PodStage } from "./pod-journey.ts";
import type { PodJourneys } from "./pod-journeys.ts";
import { resourceAmount } from "./pod-requests.ts";
import { resourceStems } from "./resource-columns.ts";
import { type RowSink, roundTo, secondsCell } from "./row.ts";

/** Columns of nodes.csv for these resources, in order. */
export const nodeColumns = (resources: readonly string[]): string[] => [
  "node",
  "nodes",
  "start_s",
  "end_s",
  "pods",
  ...resourceStems(resources).map((stem) => `${stem}_share`),
];

/** As much as can be told apart on a screen: our assumption. */
export const defaultNodeGrid: NodeGridOptions = { rows: 200, intervals: 200 };

/** Gauges of a node or group: nodes, pods, then allocatable and requested of each resource. */
const NODES = 0;
const PODS = 1;
const RESOURCES = 2;

interface NodeUse {
  readonly name: string;
  /** Gauges now. */
  readonly values: Float64Array;
  /** undefined: time has not begun to run, more nodes may come before the groups are made. */
  group: NodeGroup | undefined;
}

export class NodesRecorder {
  readonly #resources: readonly string[];
  readonly #gauges: number;
  readonly #nodes = new Map<string, NodeUse>();
  readonly #groups: NodeGroups;
  #hasGroups = false;

  /** `resources`: those to report. */
  constructor(resources: readonly string[], grid: NodeGridOptions = defaultNodeGrid) {
    this.#resources = resources;
    this.#gauges = RESOURCES + 2 * resources.length;
    this.#groups = new NodeGroups(this.#gauges, grid);
  }

  attach(trace: Trace, journeys: PodJourneys): void {
    trace.committed.subscribe(({ record, type, object, timeUs }) => {
      if (record.kind === "Node")
        this.#nodeChanged(record.name, type === "DELETED" ? undefined : (object as Node), timeUs);
    });
    journeys.observe({
      stageChanged: (journey, from, timeUs) => this.#stageChanged(journey, from, timeUs),
    });
  }

  /** Group by group, the intervals in which it had a node. Once, at the end of the run. */
  writeRows(sink: RowSink, endUs: Micros): void {
    if (!this.#hasGroups) this.#makeGroups();
    this.#groups.each(endUs, ({ first, last }, [startUs, toUs], integrals) => {
      const span = toUs - startUs;
      const nodeTime = integrals[NODES] ?? 0;
      if (nodeTime === 0) return;
      sink([
        first === last ? first : `${first}..${last}`,
        roundTo(nodeTime / span, 3),
        secondsCell(startUs),
        secondsCell(toUs),
        roundTo((integrals[PODS] ?? 0) / span, 3),
        ...this.#resources.map((_, index) => {
          const allocatable = integrals[RESOURCES + 2 * index] ?? 0;
          const requested = integrals[RESOURCES + 2 * index + 1] ?? 0;
          return allocatable === 0 ? "" : roundTo(requested / allocatable, 4);
        }),
      ]);
    });
  }

  #nodeChanged(name: string, node: Node | undefined, nowUs: Micros): void {
    const use = this.#advanced(name, nowUs);
    set(use, NODES, node === undefined ? 0 : 1);
    for (const [index, resource] of this.#resources.entries()) {
      const allocatable = node?.status.allocatable?.[resource] ?? "0";
      set(use, RESOURCES + 2 * index, resourceAmount(resource, allocatable));
    }
  }

  #stageChanged(journey: PodJourney, from: PodStage | undefined, nowUs: Micros): void {
    const held = holds(from);
    if (held === holds(journey.stage)) return;
    const sign = held ? -1 : 1;
    const use = this.#advanced(journey.node, nowUs);
    add(use, PODS, sign);
    for (let index = 0; index < this.#resources.length; index++) {
      const amount = journey.requests.get(this.#resources[index] ?? "") ?? 0;
      add(use, RESOURCES + 2 * index + 1, sign * amount);
    }
  }

  /** The node's gauges, ready for a change at this time. */
  #advanced(name: string, nowUs: Micros): NodeUse {
    if (nowUs > 0 && !this.#hasGroups) this.#makeGroups();
    let use = this.#nodes.get(name);
    if (use === undefined) {
      const group = this.#hasGroups ? this.#groups.of(name, nowUs) : undefined;
      use = { name, values: new Float64Array(this.#gauges), group };
      this.#nodes.set(name, use);
    }
    if (use.group !== undefined) this.#groups.advance(use.group, nowUs);
    return use;
  }

  #makeGroups(): void {
    this.#hasGroups = true;
    this.#groups.start([...this.#nodes.keys()]);
    for (const use of this.#nodes.values()) {
      const group = this.#groups.of(use.name, 0);
      use.group = group;
      for (const [gauge, value] of use.values.entries())
        group.values[gauge] = (group.values[gauge] ?? 0) + value;
    }
  }
}

function add({ values, group }: NodeUse, gauge: number, amount: number): void {
  values[gauge] = (values[gauge] ?? 0) + amount;
  if (group !== undefined) group.values[gauge] = (group.values[gauge] ?? 0) + amount;
}

const set = (use: NodeUse, gauge: number, value: number): void =>
  add(use, gauge, value - (use.values[gauge] ?? 0));

const holds = (stage: PodStage | undefined): boolean => stage === "starting" || stage === "running";
