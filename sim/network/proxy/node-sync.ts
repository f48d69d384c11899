/**
 * NodeSync: when the proxy of one node writes its rules, and which changes are in them
 * (pkg/util/async/bounded_frequency_runner.go and the proxiers' syncProxyRules of v1.30).
 *
 * A change reaches the node by its watch; the runner begins a sync at once while it has a token (it
 * gets one per minSyncPeriod, and keeps two), else minSyncPeriod after the end of the last sync. The
 * sync takes in all changes that have arrived, and takes its time; the node routes by them from its
 * end on. All this follows from the log of changes, so that it is worked out when somebody asks.
 */
import type { HopLatency, Micros } from "../../kernel/index.ts";
import type { ChangeLog } from "./change-log.ts";
import type { ProxyMode } from "./proxy-mode.ts";

/** Syncs in a row that the runner allows (burstSyncs of all proxiers). */
const BURST = 2;

/** Plain data. */
export class NodeSync {
  readonly node: number;
  readonly hash: number;
  /** Number of the last change in its rules; -1: it has no rules yet. */
  applied: number;
  /** The same, as it will be at the end of the sync that is being made. */
  taken: number;
  /** End of the sync that is being made; -1: none is. And its beginning. */
  endUs: Micros = -1;
  beganUs: Micros = 0;
  isFull = false;
  lastEndUs: Micros;
  lastFullUs: Micros;
  /** Token bucket, in microseconds of minSyncPeriod, as it was at `creditedUs`. */
  creditUs: Micros;
  creditedUs: Micros;
  /** Syncs begun: number of the draw of its watch's delay. */
  syncs = 0;
  /** How long changes are on their way to it, until the next sync begins. */
  watchUs: Micros;

  constructor(node: number, hash: number, mode: ProxyMode, start: NodeStart) {
    const { joinedUs, hasRules, watchUs, phase } = start;
    this.node = node;
    this.hash = hash;
    this.applied = hasRules ? 0 : -1;
    this.taken = this.applied;
    // Proxies that ran before are somewhere in their period.
    this.lastEndUs = hasRules ? joinedUs - Math.floor(phase * mode.maxSyncUs) : joinedUs;
    this.lastFullUs = hasRules ? joinedUs - Math.floor(phase * mode.fullSyncUs) : joinedUs;
    this.creditUs = BURST * mode.minSyncUs;
    this.creditedUs = joinedUs;
    this.watchUs = watchUs;
  }
}

export interface NodeStart {
  /** When the proxy began, or the run. */
  readonly joinedUs: Micros;
  /** It ran before the run, and all that was there is in its rules. */
  readonly hasRules: boolean;
  readonly watchUs: Micros;
  /** A draw in [0, 1): how far it is in its period. */
  readonly phase: number;
}

/** A sync has ended: at node.endUs, with the changes after node.applied up to node.taken. */
export type SyncListener = (node: NodeSync) => void;

export class SyncRunner {
  readonly #mode: ProxyMode;
  readonly #watch: HopLatency;

  constructor(mode: ProxyMode, watch: HopLatency) {
    this.#mode = mode;
    this.#watch = watch;
  }

  /** Lives through a node's syncs until now. Each asks for all changes told before it begins. */
  advance(node: NodeSync, log: ChangeLog, nowUs: Micros, onSynced: SyncListener | undefined): void {
    for (;;) {
      if (node.endUs >= 0) {
        if (node.endUs > nowUs) return;
        onSynced?.(node);
        node.applied = node.taken;
        node.lastEndUs = node.endUs;
        node.endUs = -1;
      }
      const startUs = this.#nextStart(node, log);
      if (startUs > nowUs) return;
      this.#begin(node, log, startUs);
    }
  }

  /** When the next sync begins, as far as the log tells: a later change may bring it forward. */
  #nextStart(node: NodeSync, log: ChangeLog): Micros {
    const { creditedUs, creditUs, lastEndUs, taken, watchUs } = node;
    const { maxSyncUs, minSyncUs } = this.#mode;
    if (taken < 0) return lastEndUs + watchUs; // its first lists have come
    const periodicUs = lastEndUs + maxSyncUs;
    if (taken === log.lastSeq) return periodicUs;
    const arrivalUs = Math.max(log.at(taken + 1).timeUs + watchUs, lastEndUs);
    if (arrivalUs >= periodicUs) return periodicUs;
    const tokenUs = minSyncUs === 0 ? 0 : creditedUs + Math.max(0, minSyncUs - creditUs);
    if (tokenUs <= arrivalUs) return arrivalUs;
    const deferredUs = Math.max(arrivalUs, lastEndUs + minSyncUs);
    // Each further change makes the runner try again, and it may have a token by then.
    const next = log.lastAt(tokenUs - watchUs - 1, taken + 1) + 1;
    const retryUs = next > log.lastSeq ? deferredUs : log.at(next).timeUs + watchUs;
    return Math.min(deferredUs, retryUs, periodicUs);
  }

  #begin(node: NodeSync, log: ChangeLog, startUs: Micros): void {
    const { minSyncUs, fullSyncUs, isPartial, name, costs } = this.#mode;
    const from = node.taken;
    const isFirst = from < 0;
    const firstKept = log.lastSeq - log.changes.length;
    node.taken = log.lastAt(startUs - node.watchUs, Math.max(from, firstKept));
    const filled = node.creditUs + startUs - node.creditedUs;
    node.creditUs = Math.min(BURST * minSyncUs, filled) - minSyncUs;
    node.creditedUs = startUs;
    // ipvs looks for differences only, at every sync.
    const isDue = name !== "ipvs" && (!isPartial || startUs - node.lastFullUs > fullSyncUs);
    node.isFull = isFirst || isDue;
    if (node.isFull) node.lastFullUs = startUs;
    const rules = node.isFull ? log.rulesAfter(node.taken) : log.changedRules(from, node.taken);
    const services = log.portsAfter(node.taken);
    const us = costs.baseUs + costs.perServiceUs * services + costs.perRuleUs * rules;
    node.beganUs = startUs;
    node.endUs = startUs + Math.max(1, Math.round(us));
    node.syncs++;
    node.watchUs = this.#watch.us(node.hash, node.syncs);
  }
}
