/**
 * API Priority and Fairness (KEP-1040): each request belongs to a flow of a priority level; the
 * levels divide the server's seats, and the flows of a level share its seats fairly by queues.
 * Source: apiserver/pkg/util/flowcontrol and server/filters/priority-and-fairness.go of v1.30.
 *
 * Differences: a change of the configuration is in force with its commit (there: an informer's
 * delay later). The parts: configuration and flow-table say which flow, work-estimate how wide,
 * priority-level who is next, seat-adjustment how many seats.
 *
 * Hot: `arrive` and `finish` are on the path of every request.
 */
import { type Condition, type FlowSchema, setCondition, timestamp } from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import type { HandlerId, Kernel, Micros, SimEvent } from "../../kernel/index.ts";
import type { ApiCall } from "../api-call.ts";
import {
  type Configuration,
  type LevelConfiguration,
  readConfiguration,
  sharesOf,
  staleConditions,
} from "./configuration.ts";
import { type FlowControl, type FlowControlHost, TOO_MANY_REQUESTS } from "./flow-control.ts";
import { FlowTable } from "./flow-table.ts";
import { PriorityLevel } from "./priority-level.ts";
import { ADJUSTMENT_US, adjustLimits, catchUp, divideSeats } from "./seat-adjustment.ts";
import { estimateWork } from "./work-estimate.ts";

export interface PriorityAndFairnessSettings {
  /** Seats of the whole server: the sum of the two. */
  readonly maxRequestsInflight: number;
  readonly maxMutatingRequestsInflight: number;
  /** A request may wait a quarter of this in a queue. */
  readonly requestTimeoutSeconds: number;
}

interface PriorityAndFairnessState {
  /** By number; a level that went leaves its place free. */
  readonly levels: (PriorityLevel | undefined)[];
  readonly startedUs: Micros;
  /** No request has come yet: the levels begin where the server began. */
  isNew: boolean;
  /** Revision of the configuration that the levels follow; -1: none yet. */
  configuredRevision: number;
  nextAdjustmentUs: Micros;
  /** Requests in queues. While there are any, both timers run. */
  waiting: number;
  adjustmentTimer: SimEvent | undefined;
  expiryTimer: SimEvent | undefined;
}

export class PriorityAndFairness implements FlowControl {
  state: PriorityAndFairnessState = freshState(0);
  readonly #kernel: Kernel;
  readonly #etcd: Etcd;
  readonly #host: FlowControlHost;
  readonly #serverSeats: number;
  readonly #waitLimitUs: Micros;
  readonly #adjust: HandlerId;
  readonly #expire: HandlerId;
  readonly #release: HandlerId<number, number>;
  readonly #tellDangling: HandlerId;
  readonly #watchCount: (kind: string) => number;
  readonly #identityOf: (call: ApiCall) => string;
  /** What is made from the state and the store: valid for this state and store revision. */
  #table: FlowTable | undefined;
  #tableState: PriorityAndFairnessState | undefined;
  #seenRevision = -1;

  /** `name` is unique in the cluster. */
  constructor(
    kernel: Kernel,
    name: string,
    etcd: Etcd,
    settings: PriorityAndFairnessSettings,
    host: FlowControlHost,
  ) {
    this.#kernel = kernel;
    this.#etcd = etcd;
    this.#host = host;
    this.#serverSeats = settings.maxRequestsInflight + settings.maxMutatingRequestsInflight;
    this.#waitLimitUs = Math.round((settings.requestTimeoutSeconds * 1_000_000) / 4);
    this.#watchCount = (kind) => host.watchCount(kind);
    this.#identityOf = (call) => host.identityOf(call);
    this.#adjust = kernel.handler(`${name}/adjust`, () => this.#onAdjustment());
    this.#expire = kernel.handler(`${name}/expire`, () => this.#onExpiry());
    this.#release = kernel.handler(`${name}/release`, (level: number, seats: number) =>
      this.#onRelease(level, seats),
    );
    this.#tellDangling = kernel.handler(`${name}/dangling`, () => this.#onDangling());
    kernel.keep(name, this);
  }

  /** The priority levels, for whoever observes them. */
  get levels(): readonly PriorityLevel[] {
    this.#upToDate();
    return presentLevels(this.state);
  }

  arrive(call: ApiCall): void {
    const flow = this.#upToDate().of(call);
    const level = this.#level(flow.level);
    call.flowSchema = flow.schema;
    call.priorityLevel = level.name;
    call.level = flow.level;
    const { nowUs } = this.#kernel;
    level.advance(nowUs);
    estimateWork(call, this.#etcd, this.#watchCount, level.maxSeats);
    if (level.response === "queue") {
      if (level.admitAtOnce(call, flow.hand)) this.#host.start(call);
      else this.#enqueue(call, level, flow.hand);
    } else if (level.hasRoomFor(call.seats)) {
      level.admit(call);
      this.#host.start(call);
    } else {
      level.counters.concurrencyLimit++;
      this.#refuse(call, level);
    }
  }

  finish(call: ApiCall): void {
    const level = this.#level(call.level);
    const { nowUs } = this.#kernel;
    level.advance(nowUs);
    level.leave(call, nowUs);
    if (call.lingerUs > 0)
      this.#kernel.background(nowUs + call.lingerUs, this.#release, call.level, call.seats);
    else level.release(call.seats);
    if (level.waiting > 0) this.#dispatch(level);
    if (level.isQuiescing && level.isIdle) this.state.configuredRevision = -1;
    if (call.mutates && isConfiguration(call.kind)) this.#upToDate();
  }

  reset(): void {
    for (const level of presentLevels(this.state)) level.counters.cancelled += level.waiting;
    this.#stopTimers();
    this.#kernel.cancelWhere(({ handler }) => handler === this.#release);
    const counters = new Map(presentLevels(this.state).map((each) => [each.name, each.counters]));
    this.state = freshState(this.#kernel.nowUs);
    for (const [name, kept] of counters) {
      const level = new PriorityLevel(name, this.#kernel.nowUs);
      Object.assign(level.counters, kept);
      this.state.levels.push(level);
    }
  }

  #level(number: number): PriorityLevel {
    return this.state.levels[number] as PriorityLevel;
  }

  #enqueue(call: ApiCall, level: PriorityLevel, hand: readonly number[]): void {
    const { nowUs } = this.#kernel;
    if (!level.enqueue(call, hand, nowUs)) return this.#refuse(call, level);
    if (this.state.waiting++ === 0) this.#startTimers(nowUs + this.#waitLimitUs);
    this.#dispatch(level);
  }

  #refuse(call: ApiCall, level: PriorityLevel): void {
    const seconds = level.retryAfter.refused(this.#kernel.nowUs);
    this.#host.refuse(call, TOO_MANY_REQUESTS, seconds);
  }

  #dispatch(level: PriorityLevel): void {
    for (;;) {
      const call = level.dispatch();
      if (call === undefined) return;
      if (--this.state.waiting === 0) this.#stopTimers();
      this.#host.start(call);
    }
  }

  #onRelease(number: number, seats: number): void {
    const level = this.#level(number);
    level.advance(this.#kernel.nowUs);
    level.release(seats);
    this.#dispatch(level);
  }

  #startTimers(expiryUs: Micros): void {
    const { state } = this;
    state.adjustmentTimer ??= this.#kernel.at(
      state.nextAdjustmentUs,
      this.#adjust,
      undefined,
      undefined,
    );
    state.expiryTimer = this.#kernel.at(expiryUs, this.#expire, undefined, undefined);
  }

  #stopTimers(): void {
    const { adjustmentTimer, expiryTimer } = this.state;
    if (adjustmentTimer !== undefined) this.#kernel.cancel(adjustmentTimer);
    if (expiryTimer !== undefined) this.#kernel.cancel(expiryTimer);
    this.state.adjustmentTimer = undefined;
    this.state.expiryTimer = undefined;
  }

  /** Somebody waits, and the limits change. */
  #onAdjustment(): void {
    const { state } = this;
    state.adjustmentTimer = undefined;
    this.#upToDate();
    if (state.waiting === 0) return;
    const { nextAdjustmentUs } = state;
    state.adjustmentTimer ??= this.#kernel.at(nextAdjustmentUs, this.#adjust, undefined, undefined);
  }

  /** Refuses who has waited too long. */
  #onExpiry(): void {
    const { state } = this;
    state.expiryTimer = undefined;
    const { nowUs } = this.#kernel;
    let oldestUs = Number.POSITIVE_INFINITY;
    for (const level of presentLevels(state)) {
      if (level.waiting === 0) continue;
      level.advance(nowUs);
      this.#refuseExpired(level, nowUs - this.#waitLimitUs);
      this.#dispatch(level); // a wide one that went may have stood in others' way
      oldestUs = Math.min(oldestUs, level.oldestArrivalUs);
    }
    if (state.waiting === 0) return this.#stopTimers();
    const expiryUs = oldestUs + this.#waitLimitUs;
    state.expiryTimer = this.#kernel.at(expiryUs, this.#expire, undefined, undefined);
  }

  #refuseExpired(level: PriorityLevel, sinceUs: Micros): void {
    for (;;) {
      const call = level.expire(sinceUs);
      if (call === undefined) return;
      this.state.waiting--;
      this.#refuse(call, level);
    }
  }

  /** Follows the configuration and makes up for adjustments; returns the table of flows. */
  #upToDate(): FlowTable {
    const { state } = this;
    const { revision } = this.#etcd;
    if (this.#tableState !== state) this.#table = undefined; // a restored run's
    if (this.#table === undefined || revision !== this.#seenRevision) this.#followStore(revision);
    else if (state.configuredRevision < 0) this.#followStore(revision);
    const { nowUs } = this.#kernel;
    if (nowUs >= state.nextAdjustmentUs) {
      const levels = presentLevels(state);
      state.nextAdjustmentUs = catchUp(levels, state.nextAdjustmentUs, nowUs);
      if (state.waiting > 0) for (const level of levels) this.#dispatch(level);
    }
    return this.#table as FlowTable;
  }

  #followStore(revision: number): void {
    const { state } = this;
    this.#seenRevision = revision;
    const changed = Math.max(
      this.#etcd.lastChange("FlowSchema"),
      this.#etcd.lastChange("PriorityLevelConfiguration"),
    );
    const isNew = changed > state.configuredRevision;
    if (this.#table !== undefined && !isNew) return;
    const configuration = readConfiguration(this.#etcd);
    if (isNew) {
      this.#configure(configuration, state.isNew ? state.startedUs : this.#kernel.nowUs);
      state.configuredRevision = changed;
      state.isNew = false;
      if (staleConditions(this.#etcd, configuration).length > 0)
        this.#kernel.after(1, this.#tellDangling, undefined, undefined);
    }
    this.#table = new FlowTable(configuration, state.levels, this.#identityOf);
    this.#tableState = state;
  }

  #configure({ levels: wanted }: Configuration, fromUs: Micros): void {
    const { levels } = this.state;
    for (const [number, level] of levels.entries()) {
      if (level === undefined || wanted.some(({ name }) => name === level.name)) continue;
      level.isQuiescing = true;
      if (level.isIdle) levels[number] = undefined;
    }
    for (const each of wanted) {
      let level = levels.find((known) => known?.name === each.name);
      if (level === undefined) {
        level = new PriorityLevel(each.name, fromUs);
        const free = levels.indexOf(undefined);
        levels[free < 0 ? levels.length : free] = level;
      }
      configureLevel(level, each);
    }
    const present = presentLevels(this.state);
    divideSeats(present, this.#serverSeats);
    adjustLimits(present, fromUs);
    for (const level of present) this.#dispatch(level);
  }

  /** Writes into FlowSchemas whether their priority level exists. */
  #onDangling(): void {
    for (const { record, condition } of staleConditions(
      this.#etcd,
      readConfiguration(this.#etcd),
    )) {
      const { stored } = record;
      if (stored === undefined) continue;
      const lastTransitionTime = timestamp(this.#kernel.nowUs);
      const told = (stored.status.conditions ?? []) as Condition[];
      const conditions = setCondition(told, { ...condition, lastTransitionTime });
      const status = { ...stored.status, conditions };
      const next = { ...stored, metadata: { ...stored.metadata }, status } as FlowSchema;
      this.#etcd.update(record, next, "");
    }
  }
}

function freshState(startedUs: Micros): PriorityAndFairnessState {
  return {
    levels: [],
    startedUs,
    isNew: true,
    configuredRevision: -1,
    nextAdjustmentUs: startedUs + ADJUSTMENT_US,
    waiting: 0,
    adjustmentTimer: undefined,
    expiryTimer: undefined,
  };
}

function presentLevels({ levels }: PriorityAndFairnessState): PriorityLevel[] {
  return levels.filter((level) => level !== undefined);
}

function configureLevel(level: PriorityLevel, { spec }: LevelConfiguration): void {
  const { shares, lendablePercent, borrowingLimitPercent } = sharesOf(spec);
  level.isQuiescing = false;
  level.shares = shares;
  level.lendablePercent = lendablePercent;
  level.borrowingLimitPercent = borrowingLimitPercent;
  const queuing = spec.limited?.limitResponse?.queuing;
  level.response = "queue";
  if (spec.type === "Exempt") level.response = "exempt";
  else if (queuing === undefined) level.response = "reject";
  level.dealtQueues = queuing?.queues ?? 0;
  level.handSize = queuing?.handSize ?? 0;
  level.queueLengthLimit = queuing?.queueLengthLimit ?? 0;
  level.growQueues();
}

function isConfiguration(kind: string): boolean {
  return kind === "FlowSchema" || kind === "PriorityLevelConfiguration";
}
