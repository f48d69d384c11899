/**
 * createPodInfo: parses a pod once into what plugins need.
 *
 * Pods of one template state the same texts, so sums are remembered by text, per ResourceTable.
 * The memo holds nothing but what the texts say: it is no state, and is emptied when full.
 */
import type { Container, KeyRecord, Pod } from "../../api/index.ts";
import type { HostPort, PodInfo } from "./pod-info.ts";
import { requestsText, type ScheduledRequests, scheduledRequests } from "./pod-requests.ts";
import type { ResourceTable } from "./resource-table.ts";

const MEMO_ENTRIES_MAX = 8192;
const EMPTY_LABELS: Readonly<Record<string, string>> = {};
const NO_PORTS: readonly HostPort[] = [];

interface NumberedRequests {
  readonly sums: ScheduledRequests;
  readonly byNumber: readonly number[];
}

const memos = new WeakMap<ResourceTable, Map<string, NumberedRequests>>();

/**
 * Makes the scheduler's view of a stored (validated) pod. New resource names are added to
 * `resources`. A missing `spec.priority` counts as 0.
 */
export function createPodInfo(record: KeyRecord<Pod>, pod: Pod, resources: ResourceTable): PodInfo {
  const { sums, byNumber } = requestsFor(pod, resources);
  return {
    record,
    pod,
    namespace: pod.metadata.namespace,
    name: pod.metadata.name,
    labels: pod.metadata.labels ?? EMPTY_LABELS,
    priority: pod.spec.priority ?? 0,
    requests: byNumber,
    nonZeroCpuMilli: sums.nonZeroCpuMilli,
    nonZeroMemoryBytes: sums.nonZeroMemoryBytes,
    boundNonZeroCpuMilli: sums.boundNonZeroCpuMilli,
    boundNonZeroMemoryBytes: sums.boundNonZeroMemoryBytes,
    hostPorts: hostPortsOf(pod.spec.containers),
    images: imagesOf(pod),
  };
}

/**
 * The view of a newer object of the pod that `old` is about. What the containers state is not
 * parsed again when they are the same objects, as in all but the first update of a pod.
 */
export function updatedPodInfo(old: PodInfo, pod: Pod, resources: ResourceTable): PodInfo {
  const { spec, metadata } = pod;
  const before = old.pod.spec;
  const isSameWork =
    spec.containers === before.containers &&
    spec.initContainers === before.initContainers &&
    spec.overhead === before.overhead;
  if (!isSameWork) return createPodInfo(old.record, pod, resources);
  return {
    record: old.record,
    pod,
    namespace: old.namespace,
    name: old.name,
    labels: metadata.labels ?? EMPTY_LABELS,
    priority: spec.priority ?? 0,
    requests: old.requests,
    nonZeroCpuMilli: old.nonZeroCpuMilli,
    nonZeroMemoryBytes: old.nonZeroMemoryBytes,
    boundNonZeroCpuMilli: old.boundNonZeroCpuMilli,
    boundNonZeroMemoryBytes: old.boundNonZeroMemoryBytes,
    hostPorts: old.hostPorts,
    images: old.images,
  };
}

function requestsFor(pod: Pod, resources: ResourceTable): NumberedRequests {
  let memo = memos.get(resources);
  if (memo === undefined) {
    memo = new Map();
    memos.set(resources, memo);
  }
  const text = requestsText(pod.spec);
  let found = memo.get(text);
  if (found === undefined) {
    const sums = scheduledRequests(pod.spec);
    found = { sums, byNumber: numbered(sums, resources) };
    if (memo.size >= MEMO_ENTRIES_MAX) memo.clear();
    memo.set(text, found);
  }
  return found;
}

function numbered(sums: ScheduledRequests, resources: ResourceTable): readonly number[] {
  const byNumber: number[] = [];
  for (const [name, amount] of sums.amounts) {
    const index = resources.intern(name);
    while (byNumber.length <= index) byNumber.push(0);
    byNumber[index] = amount;
  }
  return byNumber;
}

/** Host ports of the containers; init containers' are ignored, as in the real scheduler. */
function hostPortsOf(containers: readonly Container[]): readonly HostPort[] {
  let ports: HostPort[] | undefined;
  for (const container of containers) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (hostPort === undefined || hostPort <= 0) continue;
      ports ??= [];
      ports.push({ protocol: protocol || "TCP", hostIP: hostIP || "0.0.0.0", hostPort });
    }
  }
  return ports ?? NO_PORTS;
}

function imagesOf({ spec: { containers, initContainers } }: Pod): readonly string[] {
  const images = containers.map(imageOf);
  return initContainers === undefined ? images : [...images, ...initContainers.map(imageOf)];
}

const imageOf = ({ image }: Container): string => normalizedImageName(image ?? "");

/**
 * Adds ":latest" to an image name without a tag. Source: normalizedImageName of
 * kubernetes/pkg/scheduler/framework/plugins/imagelocality/image_locality.go, v1.30.
 */
export function normalizedImageName(name: string): string {
  return name.lastIndexOf(":") <= name.lastIndexOf("/") ? `${name}:latest` : name;
}
