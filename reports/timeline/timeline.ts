/** Timeline: what happened to an object between the request for it and its readiness. Plain data. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { RunLabels } from "../summary.ts";
import type { ObjectName } from "./object-log.ts";

/** What passed the time; stable names, for programs. docs/outputs.md explains each. */
export type HopStep =
  | "network"
  | "client-limit"
  | "retry"
  | "seat"
  | "request"
  | "etcd"
  | "watch"
  | "queue"
  | "sync"
  | "backoff"
  | "unschedulable"
  | "gated"
  | "schedule"
  | "bind"
  | "sandbox"
  | "image-queue"
  | "image-pull"
  | "init"
  | "containers"
  | "run"
  | "probe"
  | "status"
  | "wait";

/** One hop on the critical path. Hops follow each other without a gap. */
export interface Hop {
  readonly startUs: Micros;
  readonly endUs: Micros;
  /** Whose time it was: `kubectl`, `kube-apiserver`, `etcd`, `kube-scheduler`, `kubelet` ... */
  readonly component: string;
  readonly step: HopStep;
  /** What it was about: `Pod shop/web-1`. */
  readonly object: string;
  /** In words. */
  readonly text: string;
}

/** When a pod passed what every pod passes; undefined: it did not. */
export interface PodMilestones {
  readonly name: string;
  readonly node: string;
  readonly createdUs: Micros;
  readonly boundUs: Micros | undefined;
  readonly observedUs: Micros | undefined;
  readonly startedUs: Micros | undefined;
  readonly readyUs: Micros | undefined;
}

/** The pods of a controller. */
export interface PodsSummary {
  readonly count: number;
  readonly ready: number;
  /** Of those that were ready, by the time when they were: the first, the median, the last. */
  readonly first: PodMilestones | undefined;
  readonly median: PodMilestones | undefined;
  readonly last: PodMilestones | undefined;
}

export interface Timeline {
  readonly run: RunLabels;
  readonly object: ObjectName;
  readonly isReady: boolean;
  /** Why it did not become ready; "" when it did. */
  readonly reason: string;
  /** What it began with: `kubectl apply, pods.yaml:14`. */
  readonly beginning: string;
  readonly startUs: Micros;
  /** It was ready; or the last that is known of it. */
  readonly endUs: Micros;
  readonly hops: readonly Hop[];
  /** What came of its readiness: the endpoints of its Services. Not part of the total. */
  readonly afterwards: readonly Hop[];
  /** Of a controller. */
  readonly pods: PodsSummary | undefined;
}

/** How much of a recorded run was seen to repeat. */
export interface Verification {
  /** Writes whose digest was compared, from the first. */
  readonly commits: number;
  /** The run was repeated to its end. */
  readonly isWhole: boolean;
}

/**
 * Shares of the total in hundredths of a percent. They add up to 10,000 (largest remainders), or
 * are all 0 when no time passed.
 */
export function sharesOf(durations: readonly Micros[]): number[] {
  const total = durations.reduce((sum, each) => sum + each, 0);
  if (total === 0) return durations.map(() => 0);
  const exact = durations.map((each) => (each * 10_000) / total);
  const shares = exact.map(Math.floor);
  const left = 10_000 - shares.reduce((sum, each) => sum + each, 0);
  const remainder = (index: number): number => (exact[index] ?? 0) - (shares[index] ?? 0);
  const order = durations.map((_, index) => index);
  order.sort((a, b) => remainder(b) - remainder(a) || a - b);
  for (const index of order.slice(0, left)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}
