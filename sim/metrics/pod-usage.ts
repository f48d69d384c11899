/**
 * PodUsage: how much cpu and memory the containers of a pod use.
 *
 *   stowage.dev/cpu-usage, stowage.dev/memory-usage                what the pod says (UsageModel)
 *   stowage.dev/cpu-usage.NAME, stowage.dev/memory-usage.NAME      what one of its containers does
 *
 * What the pod says is divided among the containers that say nothing themselves, as they request.
 * A pod that says nothing about cpu uses one core for each request that it serves at one time, if
 * the network sends it any, and else what it requests. Both are our assumptions.
 */
import {
  type Container,
  cpuMilli,
  isSidecar,
  type KeyRecord,
  type Pod,
  timestampUs,
  wholeUnits,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import type { PodWork } from "./pod-store.ts";
import type { ReadyPods } from "./ready-pods.ts";
import { averageUsage, type UsageSubject, usageAt } from "./usage-integral.ts";
import type { UsageModel, UsageModels } from "./usage-model.ts";

export const CPU_USAGE_ANNOTATION = "stowage.dev/cpu-usage";
export const MEMORY_USAGE_ANNOTATION = "stowage.dev/memory-usage";

type Resource = "cpu" | "memory";

const ANNOTATIONS = { cpu: CPU_USAGE_ANNOTATION, memory: MEMORY_USAGE_ANNOTATION } as const;
/** Cores that serving one request takes; our assumption. */
const CORES_PER_REQUEST = 1;

/** Usage of one container over a window. */
export interface ContainerUsage {
  readonly name: string;
  /** Cores, on average over the window. */
  readonly cpu: number;
  /** Bytes at the window's end. */
  readonly memory: number;
}

/** A window of time, and where what is asked about has its part in it. */
export interface UsageWindow {
  readonly fromUs: Micros;
  readonly toUs: Micros;
}

export class PodUsage {
  readonly #models: UsageModels;
  readonly #pods: ReadyPods;
  readonly #work: PodWork;

  constructor(models: UsageModels, pods: ReadyPods, work: PodWork) {
    this.#models = models;
    this.#pods = pods;
    this.#work = work;
  }

  /** What each container used. `startUs` is when they began. Throws InputError for annotations. */
  containers(
    record: KeyRecord<Pod>,
    pod: Pod,
    startUs: Micros,
    window: UsageWindow,
  ): ContainerUsage[] {
    const running = containersOf(pod);
    const cpu = this.#perContainer("cpu", record, pod, running, startUs, window);
    const memory = this.#perContainer("memory", record, pod, running, startUs, window);
    return running.map(({ name }, i) => ({ name, cpu: cpu[i] ?? 0, memory: memory[i] ?? 0 }));
  }

  #perContainer(
    resource: Resource,
    record: KeyRecord<Pod>,
    pod: Pod,
    containers: readonly Container[],
    startUs: Micros,
    window: UsageWindow,
  ): number[] {
    const { metadata } = pod;
    const usages = containers.map(() => 0);
    const quiet: number[] = [];
    containers.forEach((container, i) => {
      const model = this.#model(pod, `${ANNOTATIONS[resource]}.${container.name}`);
      if (model === undefined) quiet.push(i);
      else {
        const subject = { record, metadata, startUs, ...bounds([container], resource) };
        usages[i] = this.#measure(resource, model, subject, window);
      }
    });
    if (quiet.length === 0) return usages;
    const shared = quiet.flatMap((i) => containers[i] ?? []);
    const subject = { record, metadata, startUs, ...bounds(shared, resource) };
    const total = this.#total(resource, pod, subject, window);
    for (const i of quiet) {
      const own = bounds(containers.slice(i, i + 1), resource).request;
      const part = subject.request === 0 ? 1 / quiet.length : own / subject.request;
      usages[i] = total * part;
    }
    return usages;
  }

  /** What the containers that say nothing themselves use together. */
  #total(resource: Resource, pod: Pod, subject: UsageSubject, window: UsageWindow): number {
    const model = this.#model(pod, ANNOTATIONS[resource]);
    if (model !== undefined) return this.#measure(resource, model, subject, window);
    if (resource === "cpu") {
      const { fromUs, toUs } = window;
      const served = this.#work.requestsInService(subject.record.key, fromUs, toUs);
      if (served !== undefined) return Math.min(served * CORES_PER_REQUEST, subject.limit);
    }
    return subject.request;
  }

  #measure(
    resource: Resource,
    model: UsageModel,
    subject: UsageSubject,
    { fromUs, toUs }: UsageWindow,
  ): number {
    return resource === "cpu"
      ? averageUsage(model, subject, this.#pods, fromUs, toUs)
      : usageAt(model, subject, this.#pods, toUs);
  }

  #model(pod: Pod, annotation: string): UsageModel | undefined {
    const text = pod.metadata.annotations?.[annotation];
    if (text === undefined) return undefined;
    const { namespace, name } = pod.metadata;
    return this.#models.parse(text, `pod ${namespace}/${name}: annotation ${annotation}`);
  }
}

/** When the last of the pod's containers began; undefined: they do not run. Whole seconds. */
export function runningSinceUs({ status }: Pod): Micros | undefined {
  if (status.phase !== "Running") return undefined;
  const { containerStatuses = [], startTime } = status;
  if (containerStatuses.length === 0) {
    return startTime === undefined ? undefined : timestampUs(startTime);
  }
  let sinceUs = 0;
  for (const { state } of containerStatuses) {
    const startedAt = state?.running?.startedAt;
    if (startedAt === undefined) return undefined;
    sinceUs = Math.max(sinceUs, timestampUs(startedAt));
  }
  return sinceUs;
}

/** Containers that run beside each other: init containers have ended. */
function containersOf({ spec }: Pod): readonly Container[] {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  return sidecars.length === 0 ? spec.containers : [...sidecars, ...spec.containers];
}

/** What containers request and may use together, in cores or bytes. */
function bounds(
  containers: readonly Container[],
  resource: Resource,
): { readonly request: number; readonly limit: number } {
  let request = 0;
  let limit = 0;
  for (const { resources } of containers) {
    const wanted = resources?.requests?.[resource];
    const most = resources?.limits?.[resource];
    if (wanted !== undefined) request += plain(wanted, resource);
    limit += most === undefined ? Number.POSITIVE_INFINITY : plain(most, resource);
  }
  return { request, limit };
}

/** Cores or bytes; the texts are remembered by resource-amount.ts. */
function plain(quantity: string, resource: Resource): number {
  return resource === "cpu" ? cpuMilli(String(quantity)) / 1000 : wholeUnits(String(quantity));
}
