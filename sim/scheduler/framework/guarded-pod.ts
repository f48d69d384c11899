/**
 * GuardedPod: a pod of which only the fields in a plugin's `reads` can be read. Any other access
 * is an InputError that names the plugin and the field, so that the claim `reads` cannot be broken
 * by mistake. One GuardedPod stands for all pods that agree in these fields.
 */
import type { Container, KeyRecord, Pod } from "../../api/index.ts";
import { InputError } from "../../kernel/index.ts";
import type { PodField } from "./interface.ts";
import { ALL_POD_FIELDS } from "./pod-fields.ts";
import type { HostPort, PodInfo } from "./pod-info.ts";

const METADATA_FIELDS: readonly PodField[] = [
  "namespace",
  "labels",
  "annotations",
  "ownerReferences",
];
const SPEC_FIELDS: readonly PodField[] = [
  "priority",
  "nodeSelector",
  "affinity",
  "tolerations",
  "nodeName",
  "schedulingGates",
  "topologySpreadConstraints",
  "volumes",
];
/** Fields of the stored object whose values come out of several claims. */
const CONTAINER_LISTS = ["containers", "initContainers"] as const;

export class GuardedPod implements PodInfo {
  readonly #pod: PodInfo;
  readonly #plugin: string;
  readonly #reads: readonly PodField[];
  #stored: Pod | undefined;

  constructor(pod: PodInfo, plugin: string, reads: readonly PodField[]) {
    this.#pod = pod;
    this.#plugin = plugin;
    this.#reads = reads;
  }

  get record(): KeyRecord<Pod> {
    return refuse(this.#plugin, this.#reads, "record (the pod's identity)");
  }

  get name(): string {
    return refuse(this.#plugin, this.#reads, "name");
  }

  get pod(): Pod {
    this.#stored ??= guardStored(this.#pod.pod, this.#plugin, this.#reads);
    return this.#stored;
  }

  get namespace(): string {
    this.#need("namespace");
    return this.#pod.namespace;
  }

  get labels(): Readonly<Record<string, string>> {
    this.#need("labels");
    return this.#pod.labels;
  }

  get priority(): number {
    this.#need("priority");
    return this.#pod.priority;
  }

  get requests(): readonly number[] {
    this.#need("requests");
    return this.#pod.requests;
  }

  get nonZeroCpuMilli(): number {
    this.#need("requests");
    return this.#pod.nonZeroCpuMilli;
  }

  get nonZeroMemoryBytes(): number {
    this.#need("requests");
    return this.#pod.nonZeroMemoryBytes;
  }

  get boundNonZeroCpuMilli(): number {
    this.#need("requests");
    return this.#pod.boundNonZeroCpuMilli;
  }

  get boundNonZeroMemoryBytes(): number {
    this.#need("requests");
    return this.#pod.boundNonZeroMemoryBytes;
  }

  get hostPorts(): readonly HostPort[] {
    this.#need("hostPorts");
    return this.#pod.hostPorts;
  }

  get images(): readonly string[] {
    this.#need("images");
    return this.#pod.images;
  }

  #need(field: PodField): void {
    if (!this.#reads.includes(field)) refuse(this.#plugin, this.#reads, field);
  }
}

function refuse(plugin: string, reads: readonly PodField[], field: string): never {
  const remedy = (ALL_POD_FIELDS as readonly string[]).includes(field)
    ? `Add "${field}" to its reads.`
    : 'Give it the locality "none" if it needs that.';
  throw new InputError(
    `policy "${plugin}" reads the pod's ${field}, but claims to read only ` +
      `${reads.length === 0 ? "nothing" : reads.join(", ")}. ${remedy}`,
  );
}

/** The stored object with its claimed fields; reading another one is refused. */
function guardStored(pod: Pod, plugin: string, reads: readonly PodField[]): Pod {
  const metadata = guarded(pod.metadata, METADATA_FIELDS, "metadata", plugin, reads);
  const spec = guarded(pod.spec, SPEC_FIELDS, "spec", plugin, reads);
  if (reads.includes("requests") || reads.includes("images")) {
    for (const list of CONTAINER_LISTS) {
      const containers = pod.spec[list]?.map((container) => pick(container, reads));
      Object.defineProperty(spec, list, { value: containers, enumerable: true });
    }
  }
  if (reads.includes("requests")) {
    Object.defineProperty(spec, "overhead", { value: pod.spec.overhead, enumerable: true });
  }
  const stored = { apiVersion: pod.apiVersion, kind: pod.kind, metadata, spec };
  Object.defineProperty(stored, "status", { get: () => refuse(plugin, reads, "status") });
  return stored as unknown as Pod;
}

function guarded<T extends object>(
  source: T,
  claimable: readonly PodField[],
  where: string,
  plugin: string,
  reads: readonly PodField[],
): object {
  const view = {};
  const values = source as Readonly<Record<string, unknown>>;
  for (const field of new Set([...Object.keys(source), ...claimable])) {
    const isClaimable = (claimable as readonly string[]).includes(field);
    if (isClaimable && reads.includes(field as PodField)) {
      Object.defineProperty(view, field, { value: values[field], enumerable: true });
      continue;
    }
    const name = isClaimable ? field : `${where}.${field}`;
    Object.defineProperty(view, field, {
      get: () => refuse(plugin, reads, name),
      configurable: true,
    });
  }
  return view;
}

function pick(container: Container, reads: readonly PodField[]): Partial<Container> {
  const picked: Partial<Container> = {};
  if (reads.includes("images") && container.image !== undefined) picked.image = container.image;
  if (reads.includes("requests")) {
    const requests = container.resources?.requests;
    if (requests !== undefined) picked.resources = { requests };
    if (container.restartPolicy !== undefined) picked.restartPolicy = container.restartPolicy;
  }
  return picked;
}
