/**
 * ChangeLog: all changes of Services and EndpointSlices in one order, as the watches of the proxies
 * are told of them, and what each adds to the rules. Plain data.
 *
 * Every proxy sees the same changes, so a proxy's knowledge is a number: that of the last change
 * that its rules have in them.
 */
import type { Micros } from "../../kernel/index.ts";

/** Rules of a Service's port, and of each endpoint behind it: 8 for a Service with one (community PR#692: 5,000 Services, 40,000 rules). The split is our assumption. */
const RULES_PER_PORT = 5;
const RULES_PER_ENDPOINT = 3;
const PRUNE_AT_LEAST = 4096;

/** What the proxies have of one Service. */
export class ProxiedService {
  /** Ports with a virtual IP; 0: it is headless, or an ExternalName, or does not exist. */
  ports = 0;
  /** Endpoints in its slices, counted once for each port. */
  endpoints = 0;
  /** Its last change; undefined: it is as it was at the start. */
  last: Change | undefined = undefined;
}

export class Change {
  readonly seq: number;
  readonly timeUs: Micros;
  /** Rules of the changed Service with this change, or without it where it had more. */
  readonly rules: number;
  /** Of all Services before this change. */
  readonly portsBefore: number;
  readonly rulesBefore: number;
  /** When what led to it happened (the trigger of a slice's change); -1: not known, not observed. */
  readonly triggerUs: Micros;
  /** Number of the same Service's next change; 0: there was none yet. */
  next = 0;

  constructor(
    seq: number,
    timeUs: Micros,
    rules: number,
    portsBefore: number,
    rulesBefore: number,
    triggerUs: Micros,
  ) {
    this.seq = seq;
    this.timeUs = timeUs;
    this.rules = rules;
    this.portsBefore = portsBefore;
    this.rulesBefore = rulesBefore;
    this.triggerUs = triggerUs;
  }
}

export class ChangeLog {
  /** Those that some proxy has not in its rules yet, oldest first. */
  readonly changes: Change[] = [];
  /** Number of the last change; 0: none yet, all is as it was at the start. */
  lastSeq = 0;
  ports = 0;
  rules = 0;
  readonly services = new Map<string, ProxiedService>();
  /** Keys of those that have become empty; forgotten with the change that made them so. */
  readonly emptied = new Set<string>();
  pruneAt = PRUNE_AT_LEAST;

  /** The change with this number, which must be kept. O(1). */
  at(seq: number): Change {
    const change = this.changes[seq - this.lastSeq + this.changes.length - 1];
    if (change === undefined) throw new Error(`change ${seq} of ${this.lastSeq} is not kept`);
    return change;
  }

  /** Takes in what a change does to the counts of a Service. */
  count(key: string, portsChange: number, endpointsChange: number): ProxiedService {
    let service = this.services.get(key);
    if (service === undefined) {
      service = new ProxiedService();
      this.services.set(key, service);
    }
    this.ports += portsChange;
    this.rules -= rulesOf(service);
    service.ports += portsChange;
    service.endpoints += endpointsChange;
    this.rules += rulesOf(service);
    if (isEmpty(service)) this.emptied.add(key);
    return service;
  }

  /** Adds the change that has just been counted, given what was there before it. */
  add(
    service: ProxiedService,
    timeUs: Micros,
    portsBefore: number,
    rulesBefore: number,
    triggerUs: Micros,
  ): Change {
    const rules = Math.max(rulesOf(service), rulesOf(service) + rulesBefore - this.rules);
    const seq = ++this.lastSeq;
    const change = new Change(seq, timeUs, rules, portsBefore, rulesBefore, triggerUs);
    this.changes.push(change);
    if (service.last !== undefined) service.last.next = seq;
    service.last = change;
    return change;
  }

  /** Number of the last change that was told at `timeUs` or before, at least `from`. O(log changes). */
  lastAt(timeUs: Micros, from: number): number {
    let low = from;
    let high = this.lastSeq;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.at(middle).timeUs <= timeUs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Ports of all Services, after the change with this number, which some proxy has come to. */
  portsAfter(seq: number): number {
    return seq === this.lastSeq ? this.ports : this.at(seq + 1).portsBefore;
  }

  rulesAfter(seq: number): number {
    return seq === this.lastSeq ? this.rules : this.at(seq + 1).rulesBefore;
  }

  /** Rules of the Services that changed after change `from` up to change `to`. O(changes). */
  changedRules(from: number, to: number): number {
    let rules = 0;
    for (let seq = from + 1; seq <= to; seq++) {
      const change = this.at(seq);
      if (change.next === 0 || change.next > to) rules += change.rules;
    }
    return rules;
  }

  get isLong(): boolean {
    return this.changes.length >= this.pruneAt;
  }

  /** Forgets the changes up to this one, which all proxies have in their rules. */
  prune(upTo: number): void {
    const count = upTo - this.lastSeq + this.changes.length;
    if (count > 0) {
      this.changes.splice(0, count);
      forgetEmpty(this, upTo);
    }
    this.pruneAt = Math.max(PRUNE_AT_LEAST, 2 * this.changes.length);
  }
}

/** Drops empty Services whose last change all proxies have in their rules. O(Services that became empty). */
function forgetEmpty({ emptied, services }: ChangeLog, upTo: number): void {
  for (const key of emptied) {
    const service = services.get(key);
    const isGone = service === undefined || (isEmpty(service) && (service.last?.seq ?? 0) <= upTo);
    if (isGone) services.delete(key);
    if (isGone || !isEmpty(service)) emptied.delete(key);
  }
}

const isEmpty = ({ ports, endpoints }: ProxiedService): boolean => ports === 0 && endpoints === 0;

function rulesOf({ ports, endpoints }: ProxiedService): number {
  return ports === 0 ? 0 : RULES_PER_PORT * ports + RULES_PER_ENDPOINT * endpoints;
}
