/**
 * ServerLimits: how many requests a pod takes at one time, and how much of its node's CPUs.
 *
 *   stowage.dev/concurrency   requests that the pod serves at one time
 *   stowage.dev/queue-limit   requests that may wait in it
 *
 * What a pod's annotations say comes before the model of its Service.
 */
import { effectiveLimits, type KeyRecord, type Pod, podRequests } from "../../api/index.ts";
import { InputError } from "../../kernel/index.ts";

export const CONCURRENCY_ANNOTATION = "stowage.dev/concurrency";
export const QUEUE_LIMIT_ANNOTATION = "stowage.dev/queue-limit";

/** What the models of services say; asked once for each pod, for the Service of its first request. */
export interface ServerLimits {
  /** undefined: the Service (`namespace/name`) has no model. */
  limitsOf(service: string): ServiceLimits | undefined;
}

export interface ServiceLimits {
  /** Requests that a pod serves at one time; 0: it is not said, one for a pod, any number for a host outside. */
  readonly concurrency: number;
  /** Requests that may wait in it; -1: any number. */
  readonly queueLimit: number;
  /** Cores that a request uses while it is worked on; 0: the node's CPUs do not matter. */
  readonly cpu: number;
}

/**
 * Of a Service without a model. Our assumption: a single-threaded server, so that the pod is a queue
 * with one server, whose service time is what the user says whatever else its node does.
 */
const NO_MODEL: ServiceLimits = { concurrency: 1, queueLimit: -1, cpu: 0 };

/** The limits of one pod. Throws InputError when an annotation cannot be read. */
export function limitsOfPod(
  record: KeyRecord<Pod>,
  service: string,
  models: ServerLimits,
): ServiceLimits {
  const { concurrency, queueLimit, cpu } = models.limitsOf(service) ?? NO_MODEL;
  const wanted = "how many requests it serves at one time, a whole number, 1 or more";
  const allowed = "how many requests may wait in it, a whole number, 0 or more";
  return {
    concurrency: annotated(record, CONCURRENCY_ANNOTATION, 1, wanted) ?? Math.max(1, concurrency),
    queueLimit: annotated(record, QUEUE_LIMIT_ANNOTATION, 0, allowed) ?? queueLimit,
    cpu,
  };
}

function annotated(
  { key, stored }: KeyRecord<Pod>,
  name: string,
  min: number,
  want: string,
): number | undefined {
  const text = stored?.metadata.annotations?.[name];
  if (text === undefined) return undefined;
  if (/^(0|[1-9]\d{0,8})$/.test(text) && Number(text) >= min) return Number(text);
  throw new InputError(`pod ${key}: annotation ${name}: got "${text}", want ${want}.`);
}

/** cgroup cpu.shares: MinShares, SharesPerCPU of pkg/kubelet/cm/helpers_linux.go. */
const SHARES_MIN = 2;
const SHARES_PER_CPU = 1024;

/**
 * The pod's weight when its node's CPUs are short: cpu.shares of its cgroup (MilliCPUToShares of
 * pkg/kubelet/cm/helpers_linux.go, v1.30). The classes of service are taken as flat: the shares of
 * `kubepods/burstable` and `besteffort` as a whole are not modelled.
 */
export function cpuShares(pod: Pod | undefined): number {
  const milli = pod === undefined ? 0 : (podRequests(pod.spec).get("cpu") ?? 0);
  return Math.max(SHARES_MIN, Math.trunc((milli * SHARES_PER_CPU) / 1000));
}

/**
 * Cores that the pod may use at most, by CFS quota: its limits, if each container has one
 * (ResourceConfigForPod of pkg/kubelet/cm/helpers_linux.go, v1.30); +infinity: any number.
 */
export function cpuLimitCores(pod: Pod | undefined): number {
  if (pod === undefined) return Number.POSITIVE_INFINITY;
  const isDeclared = pod.spec.containers.every(({ resources }) => resources?.limits?.["cpu"]);
  const limit = isDeclared ? effectiveLimits(pod.spec).get("cpu") : undefined;
  const milli = limit === undefined ? 0 : Number(limit.milliValue());
  return milli > 0 ? milli / 1000 : Number.POSITIVE_INFINITY;
}
