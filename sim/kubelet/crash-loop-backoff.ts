/**
 * CrashLoopBackOff: how long a container that has ended waits until it is started again
 * (client-go/util/flowcontrol/backoff.go as pkg/kubelet/kuberuntime uses it, v1.30).
 *
 * The first restart is immediate, the next ones wait 10 s, 20 s, 40 s ... 5 min after the container
 * ended; who ran for longer than twice the longest wait begins anew.
 */
import type { Micros } from "../kernel/index.ts";

/** kubelet: backOffPeriod and MaxContainerBackOff. */
export interface BackOffLimits {
  readonly initialUs: Micros;
  readonly maxUs: Micros;
}

/** What a kubelet remembers of a container's restarts. */
export interface BackOff {
  /** Wait before the next restart; 0: there was no restart yet. */
  delayUs: Micros;
  /** When it was last restarted. */
  restartedUs: Micros;
}

/** How long a container that ended at `finishedUs` waits; 0: it is restarted at once. */
export function backOffUs(backOff: BackOff, finishedUs: Micros, { maxUs }: BackOffLimits): Micros {
  return isExpired(backOff, finishedUs, maxUs) ? 0 : backOff.delayUs;
}

/** Notes that the container that ended at `finishedUs` is restarted at `nowUs`. */
export function noteRestart(
  backOff: BackOff,
  finishedUs: Micros,
  nowUs: Micros,
  limits: BackOffLimits,
): void {
  const { initialUs, maxUs } = limits;
  const isFresh = backOff.delayUs === 0 || isExpired(backOff, finishedUs, maxUs);
  backOff.delayUs = isFresh ? initialUs : Math.min(backOff.delayUs * 2, maxUs);
  backOff.restartedUs = nowUs;
}

function isExpired({ restartedUs }: BackOff, finishedUs: Micros, maxUs: Micros): boolean {
  return finishedUs - restartedUs > 2 * maxUs;
}
