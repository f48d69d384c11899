/**
 * Onlooker: goes along with a run, numbers its decisions and writes, and tells about the first
 * decision and the first write that are meant.
 */
import type { Pod, Trace, WatchEntry } from "../../sim/api/index.ts";
import { Digest, type Micros, type Tracepoint } from "../../sim/kernel/index.ts";
import type { CycleFact } from "../../sim/scheduler/index.ts";
import { type AttemptLimits, attemptOf } from "../explain/index.ts";
import { type NodeLoad, nodeLoads } from "./node-load.ts";
import { type Places, PodPlaces } from "./pod-places.ts";
import type { DecisionSide, WriteSide } from "./run-difference.ts";

/** Which decision and which write are meant; numbers are from 0. */
export interface Meant {
  /** `text`: pod, attempt and node. */
  decision(index: number, text: string): boolean;
  /** `print`: a fingerprint of all writes up to this one. */
  write(index: number, print: number): boolean;
  /** The node of the other run's decision, whose row is kept; "": none. */
  rival(index: number): string;
}

/** A decision, and what the cluster was like when it was made. */
export interface ToldDecision {
  readonly index: number;
  readonly side: DecisionSide;
  /** Places of pods. */
  readonly places: Places;
  /** Nodes as the scheduler knew them. */
  readonly loads: ReadonlyMap<string, NodeLoad>;
}

export class Onlooker {
  decision: ToldDecision | undefined;
  write: { readonly index: number; readonly side: WriteSide } | undefined;
  /** How many were seen. */
  decisions = 0;
  writes = 0;
  readonly #meant: Meant;
  readonly #limits: AttemptLimits;
  readonly #places = new PodPlaces();
  readonly #print = new Digest();

  constructor(meant: Meant, limits: AttemptLimits) {
    this.#meant = meant;
    this.#limits = limits;
  }

  attach(trace: Trace, cycles: Tracepoint<CycleFact>): void {
    this.#places.attach(trace);
    cycles.subscribe((fact) => this.#decided(fact));
    trace.committed.subscribe((entry) => this.#committed(entry as TimedEntry));
  }

  #decided(fact: CycleFact): void {
    const index = this.decisions++;
    if (!this.#meant.decision(index, decisionText(fact)) || this.decision !== undefined) return;
    const limits = { ...this.#limits, node: this.#meant.rival(index) };
    this.decision = {
      index,
      side: { pod: `${fact.namespace}/${fact.name}`, attempt: attemptOf(fact, limits) },
      places: this.#places.now(),
      loads: nodeLoads(fact.cluster),
    };
  }

  #committed(entry: TimedEntry): void {
    const index = this.writes++;
    const { timeUs, type, record } = entry;
    const detail = record.kind === "Pod" ? podDetail(entry.object as Pod) : "";
    const print = this.#print;
    print.add(timeUs).add(record.hash).addString(type).addString(detail);
    if (!this.#meant.write(index, print.laneA) || this.write !== undefined) return;
    const { kind, key } = record;
    this.write = { index, side: { timeUs, type, kind, key, detail } };
  }
}

type TimedEntry = WatchEntry & { readonly timeUs: Micros };

const decisionText = ({ namespace, name, attempt, decision }: CycleFact): string =>
  `${namespace}/${name} ${attempt} ${decision.node}`;

/** The node in a decision's text; "": none. */
export const nodeIn = (text: string | undefined): string => text?.split(" ")[2] ?? "";

function podDetail({ spec, status }: Pod): string {
  const { nodeName = "" } = spec;
  return `${nodeName === "" ? "no node" : `node ${nodeName}`}, ${status.phase ?? "Pending"}`;
}
