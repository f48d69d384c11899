/** FaultsRecorder: what went wrong, and who noticed (faults.csv). */
import {
  findCondition,
  type LeadershipFact,
  type Node,
  type Pod,
  type Trace,
  type WatchEntry,
} from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import { type RowSink, secondsCell } from "./row.ts";

/** Columns of faults.csv, in order. */
export const faultColumns = ["time_s", "event", "subject", "from", "to", "detail"] as const;

/** What `event` says. What each one means stands in docs/outputs.md. */
export type FaultEvent =
  | "fault_struck"
  | "fault_recovered"
  | "leader_lost"
  | "leader_taken"
  | "node_ready_changed"
  | "pod_evicted";

/** Reason of the condition DisruptionTarget of a pod that a NoExecute taint drives away. */
const BY_TAINT = "DeletionByTaintManager";

export class FaultsRecorder {
  readonly #sink: RowSink;
  /** The last leader that was lost, by component. */
  readonly #lost = new Map<string, string>();

  constructor(sink: RowSink) {
    this.#sink = sink;
  }

  attach(trace: Trace): void {
    trace.fault.subscribe(({ fault, target, step, timeUs }) =>
      this.#row(timeUs, `fault_${step}`, target, "", "", fault),
    );
    trace.leadership.subscribe((fact) => this.#leadership(fact));
    trace.committed.subscribe((entry) => {
      if (entry.type !== "MODIFIED") return;
      if (entry.record.kind === "Node") this.#nodeChanged(entry as WatchEntry<Node>);
      else if (entry.record.kind === "Pod") this.#podChanged(entry as WatchEntry<Pod>);
    });
  }

  #leadership({ component, leader, step, timeUs }: LeadershipFact): void {
    if (step === "lost") {
      this.#lost.set(component, leader);
      return this.#row(timeUs, "leader_lost", component, leader, "", "");
    }
    const before = this.#lost.get(component) ?? "";
    this.#row(timeUs, "leader_taken", component, before, leader, "");
  }

  #nodeChanged({ record, object, old, timeUs }: Timed<Node>): void {
    if (object.status.conditions === old?.status.conditions) return;
    const before = findCondition(old?.status.conditions, "Ready");
    const after = findCondition(object.status.conditions, "Ready");
    const from = before?.status ?? "";
    const to = after?.status ?? "";
    if (from !== to)
      this.#row(timeUs, "node_ready_changed", record.name, from, to, after?.reason ?? "");
  }

  #podChanged({ record, object, old, timeUs }: Timed<Pod>): void {
    const { conditions } = object.status;
    if (conditions === old?.status.conditions) return;
    const target = findCondition(conditions, "DisruptionTarget");
    if (target?.reason !== BY_TAINT) return;
    if (findCondition(old?.status.conditions, "DisruptionTarget")?.reason === BY_TAINT) return;
    const node = object.spec.nodeName ?? "";
    this.#row(timeUs, "pod_evicted", record.key, node, "", target.message ?? "");
  }

  #row(
    timeUs: Micros,
    event: FaultEvent,
    subject: string,
    from: string,
    to: string,
    detail: string,
  ): void {
    this.#sink([secondsCell(timeUs), event, subject, from, to, detail]);
  }
}

type Timed<T extends Node | Pod> = WatchEntry<T> & { readonly timeUs: Micros };
