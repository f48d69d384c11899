/**
 * InactiveConnections: connections that have ended and that IPVS still has an entry of: it counts them
 * beside the active ones (those until the first FIN) in `lc` and `wlc`.
 *
 * Every connection that ends is taken as closed in order, so that its entry stays for the time of
 * TIME_WAIT: 2 minutes (tcp_timeouts of net/netfilter/ipvs/ip_vs_proto_tcp.c). kube-proxy's
 * --ipvs-tcpfin-timeout is 0 by default and leaves the kernel's value. One that was reset would stay for
 * 10 s there. Entries are kept by the second in which they end, so that memory does not grow with the
 * connections: 121 for each endpoint at most.
 */
import { Fifo, type Micros } from "../../sim/kernel/index.ts";

const SECOND_US: Micros = 1_000_000;
const TIME_WAIT_SECONDS = 120;

/** Connections of one endpoint that ended within one second. */
interface Ended {
  readonly slot: number;
  /** Which of the addresses that had the slot, one after the other. */
  readonly life: number;
  readonly untilSecond: number;
  count: number;
}

export interface InactiveConnections {
  /** By slot. */
  readonly counts: number[];
  readonly lives: number[];
  readonly newest: (Ended | undefined)[];
  /** In the order in which they are forgotten. */
  readonly ended: Fifo<Ended>;
}

export function createInactiveConnections(): InactiveConnections {
  return { counts: [], lives: [], newest: [], ended: new Fifo() };
}

/** The slot has another address, of which nothing has ended yet. */
export function clearInactive({ counts, lives, newest }: InactiveConnections, slot: number): void {
  counts[slot] = 0;
  lives[slot] = (lives[slot] ?? 0) + 1;
  newest[slot] = undefined;
}

/** A connection of the slot has ended now. O(1). */
export function addInactive(memory: InactiveConnections, slot: number, nowUs: Micros): void {
  const { counts, ended, lives, newest } = memory;
  counts[slot] = (counts[slot] ?? 0) + 1;
  const untilSecond = Math.ceil(nowUs / SECOND_US) + TIME_WAIT_SECONDS;
  const last = newest[slot];
  if (last !== undefined && last.untilSecond === untilSecond) {
    last.count++;
    return;
  }
  const entry = { slot, life: lives[slot] ?? 0, untilSecond, count: 1 };
  newest[slot] = entry;
  ended.push(entry);
}

/** Forgets connections of one slot whose time is over, and names it; -1: there are none. O(1) on average. */
export function nextExpired({ counts, ended, lives }: InactiveConnections, nowUs: Micros): number {
  for (;;) {
    const first = ended.peek();
    if (first === undefined || first.untilSecond * SECOND_US > nowUs) return -1;
    ended.shift();
    const { count, life, slot } = first;
    if (life !== (lives[slot] ?? 0)) continue; // another address had it
    counts[slot] = (counts[slot] ?? 0) - count;
    return slot;
  }
}
