/**
 * How long containers take to stop (pkg/kubelet/kuberuntime/kuberuntime_container.go of v1.30:
 * killContainer): the preStop hook first, then the signal, within the grace period.
 */
import type { Container, Pod } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

const SECOND_US = 1_000_000;
/** minimumGracePeriodInSeconds: what a container gets after its preStop hook, whatever is left. */
const GRACE_MIN_US = 2 * SECOND_US;

export interface Stopping {
  /** From the beginning until the container has ended. */
  readonly afterUs: Micros;
  /** It did not end by itself in time: SIGKILL. */
  readonly isKilled: boolean;
}

/** A container whose program takes `stopUs` to end at the signal. */
export function stopping(hookUs: Micros, stopUs: Micros, graceUs: Micros): Stopping {
  const hook = Math.min(hookUs, graceUs);
  const leftUs = Math.max(graceUs - hook, GRACE_MIN_US);
  return { afterUs: hook + Math.min(stopUs, leftUs), isKilled: stopUs > leftUs };
}

/** The longest preStop hook of the pod's containers; they stop at the same time. */
export function podPreStopUs({ spec }: Pod): Micros {
  let longestUs = 0;
  for (const container of spec.containers) {
    if (container.lifecycle !== undefined) longestUs = Math.max(longestUs, preStopUs(container));
  }
  return longestUs;
}

/**
 * How long the preStop hook takes: `sleep: {seconds}`, or a command with `sleep N` in it. Our
 * assumption: any other hook is over at once.
 */
export function preStopUs({ lifecycle }: Container): Micros {
  const hook = lifecycle?.preStop as PreStop | undefined;
  const seconds = hook?.sleep?.seconds ?? sleepIn(hook?.exec?.command);
  return seconds * SECOND_US;
}

interface PreStop {
  readonly sleep?: { readonly seconds?: number };
  readonly exec?: { readonly command?: readonly string[] };
}

function sleepIn(command: readonly string[] | undefined): number {
  return Number(/\bsleep\s+(\d+)\b/.exec(command?.join(" ") ?? "")?.[1] ?? 0);
}
