/**
 * createPodInfo: parses a pod once into what plugins need.
 *
 * Pods of one template state the same texts, so sums are remembered by text, per ResourceTable; and
 * most have the very lists of containers of the pod before. The memo holds nothing but what these
 * say: it is no state, and is emptied when full.
 */
import type { Container, KeyRecord, Pod, PodSpec } from "../../api/index.ts";
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

/** What is made of the containers and the overhead of a spec. */
interface StatedWork {
  readonly spec: PodSpec;
  readonly requests: NumberedRequests;
  readonly hostPorts: readonly HostPort[];
  readonly images: readonly string[];
}

interface Memo {
  readonly byText: Map<string, NumberedRequests>;
  last: StatedWork | undefined;
}

const memos = new WeakMap<ResourceTable, Memo>();

/**
 * Makes the scheduler's view of a stored (validated) pod. New resource names are added to
 * `resources`. A missing `spec.priority` counts as 0.
 */
export function createPodInfo(record: KeyRecord<Pod>, pod: Pod, resources: ResourceTable): PodInfo {
  const { requests, hostPorts, images } = workOf(pod, resources);
  const { sums, byNumber } = requests;
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
    hostPorts,
    images,
  };
}

/**
 * The view of a newer object of the pod that `old` is about. What the containers state is not
 * parsed again when they are the same objects, as in all but the first update of a pod.
 */
export function updatedPodInfo(old: PodInfo, pod: Pod, resources: ResourceTable): PodInfo {
  const { spec, metadata } = pod;
  if (!isSameWork(old.pod.spec, spec)) return createPodInfo(old.record, pod, resources);
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

function isSameWork(a: PodSpec, b: PodSpec): boolean {
  return (
    a.containers === b.containers &&
    a.initContainers === b.initContainers &&
    a.overhead === b.overhead
  );
}

function workOf(pod: Pod, resources: ResourceTable): StatedWork {
  const { spec } = pod;
  let memo = memos.get(resources);
  if (memo === undefined) {
    memo = { byText: new Map(), last: undefined };
    memos.set(resources, memo);
  }
  if (memo.last !== undefined && isSameWork(memo.last.spec, spec)) return memo.last;
  const requests = requestsFor(spec, resources, memo.byText);
  memo.last = { spec, requests, hostPorts: hostPortsOf(spec.containers), images: imagesOf(pod) };
  return memo.last;
}

function requestsFor(
  spec: PodSpec,
  resources: ResourceTable,
  memo: Map<string, NumberedRequests>,
): NumberedRequests {
  const text = requestsText(spec);
  let found = memo.get(text);
  if (found === undefined) {
    const sums = scheduledRequests(spec);
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
