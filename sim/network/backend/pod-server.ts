/** PodServer: one pod as a server of requests: its queue, its places, and its part of the CPUs. */
import type { KeyRecord, Pod } from "../../api/index.ts";
import { Fifo, type Micros } from "../../kernel/index.ts";
import { type Call, ServerEnd } from "../call/index.ts";
import { BusyTime } from "./busy-time.ts";
import { DueHeap } from "./due-heap.ts";
import type { NodeCpu } from "./node-cpu.ts";

/** Part of a core that CPU demands are counted in: whole numbers, so that sums are exact. */
export const UNITS_PER_CORE = 1_000_000;

export class PodServer extends ServerEnd {
  /** UID of the pod. */
  readonly uid: string;
  readonly nodeName: string;
  readonly concurrency: number;
  /** Requests that may wait. */
  readonly queueLimit: number;
  /** Calls that have a place: worked on, or waiting for other services' answers. See Call.place. */
  readonly calls: Call[] = [];
  readonly waiting = new Fifo<Call>();
  /** It went down with its machine, so that its clients heard nothing of it. */
  isSilent = false;

  /** The CPUs of its node; undefined: they do not matter. */
  readonly cpu: NodeCpu | undefined;
  /** CPU units that a call takes while it is worked on, and the most that the pod may use. */
  readonly unit: number;
  readonly limit: number;
  readonly weight: number;
  /** Calls that are worked on; the CPU units that they want, and get (where it is contended). */
  working = 0;
  demand = 0;
  share = 0;
  /** Its place among the busy servers of its node; -1: it is not busy. */
  busyPlace = -1;
  /** Its calls go by its own clock, because they were slowed down; else each has its timer. */
  isShared = false;
  /** Its clock: time at full speed since it was last idle, us; and how fast it goes, 0 .. 1. */
  clockUs = 0;
  rate = 1;
  /** When calls are done, by that clock. */
  readonly due = new DueHeap();
  readonly busy: BusyTime;

  constructor(settings: {
    readonly record: KeyRecord<Pod>;
    readonly uid: string;
    readonly nodeName: string;
    readonly concurrency: number;
    readonly queueLimit: number;
    readonly cpu: NodeCpu | undefined;
    readonly unit: number;
    readonly limit: number;
    readonly weight: number;
    readonly nowUs: Micros;
  }) {
    super(settings.record);
    this.uid = settings.uid;
    this.nodeName = settings.nodeName;
    this.concurrency = settings.concurrency;
    this.queueLimit = settings.queueLimit;
    this.cpu = settings.cpu;
    this.unit = settings.unit;
    this.limit = settings.limit;
    this.weight = settings.weight;
    this.busy = new BusyTime(settings.nowUs);
  }
}
