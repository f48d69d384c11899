/**
 * Heartbeats in closed form: a node renews its Lease in kube-node-lease every ten seconds, at a
 * phase of its own, without an event (pkg/kubelet: NodeLeaseController; staging component-helpers
 * apimachinery/lease: renewInterval is a quarter of the lease duration).
 */
import { hashString, type Micros } from "../kernel/index.ts";

export interface HeartbeatSettings {
  /** kubelet nodeLeaseDurationSeconds. */
  readonly leaseDurationSeconds: number;
}

/** nodeLeaseRenewIntervalFraction. */
const RENEW_FRACTION = 0.25;

/** What has to be remembered of one node's heartbeats: plain data. */
export interface Heartbeats {
  /** The node renews at this time and every period after it, while it can. */
  readonly phaseUs: Micros;
  /** Renewals begin: it joined, or came back. */
  sinceUs: Micros;
  /** It cannot renew from this time on; -1: it can. */
  silentUs: Micros;
  /** The last renewal before `sinceUs`; -1: there was none. */
  earlierUs: Micros;
  /** How many renewals there were before `sinceUs`. */
  earlierCount: number;
}

export function renewPeriodUs({ leaseDurationSeconds }: HeartbeatSettings): Micros {
  return Math.round(leaseDurationSeconds * RENEW_FRACTION * 1_000_000);
}

/** The heartbeats of a node that joins at `nowUs`. It renews at once. */
export function newHeartbeats(name: string, nowUs: Micros, periodUs: Micros): Heartbeats {
  const phaseUs = hashString(`node-lease/${name}`) % periodUs;
  return { phaseUs, sinceUs: nowUs, silentUs: -1, earlierUs: nowUs, earlierCount: 1 };
}

/** The last renewal at or before `nowUs`. */
export function lastRenewUs(beats: Heartbeats, nowUs: Micros, periodUs: Micros): Micros {
  const { phaseUs, sinceUs, silentUs, earlierUs } = beats;
  const untilUs = silentUs >= 0 ? silentUs : nowUs;
  const lastUs = phaseUs + Math.floor((untilUs - phaseUs) / periodUs) * periodUs;
  return lastUs < sinceUs ? earlierUs : lastUs;
}

/** How many renewals there were up to `nowUs`. */
export function renewCount(beats: Heartbeats, nowUs: Micros, periodUs: Micros): number {
  const { phaseUs, sinceUs, silentUs, earlierCount } = beats;
  const untilUs = silentUs >= 0 ? silentUs : nowUs;
  const number = (timeUs: Micros): number => Math.floor((timeUs - phaseUs) / periodUs);
  return earlierCount + Math.max(0, number(untilUs) - number(sinceUs - 1));
}

/** The node cannot renew any more. */
export function fallSilent(beats: Heartbeats, nowUs: Micros): void {
  if (beats.silentUs < 0) beats.silentUs = nowUs;
}

/** The node can renew again, and does so at the next time of its grid. */
export function resume(beats: Heartbeats, nowUs: Micros, periodUs: Micros): void {
  if (beats.silentUs < 0) return;
  beats.earlierUs = lastRenewUs(beats, nowUs, periodUs);
  beats.earlierCount = renewCount(beats, nowUs, periodUs);
  beats.sinceUs = nowUs;
  beats.silentUs = -1;
}
