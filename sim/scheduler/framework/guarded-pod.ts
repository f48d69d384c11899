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
/** What the parts of the stored object are claimed by, where the pod need not state them. */
const FIELD_NAMES: ReadonlyMap<string, PodField> = new Map([
  ...[...METADATA_FIELDS, ...SPEC_FIELDS].map((field) => [field, field] as const),
  ["nodeAffinity", "nodeAffinity"],
  ["podAffinity", "podAffinity"],
  ["podAntiAffinity", "podAffinity"],
]);
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
  const claims = { plugin, reads };
  const metadata = visibleFields(pod.metadata, METADATA_FIELDS, reads);
  const spec = visibleFields(pod.spec, SPEC_FIELDS, reads);
  if (!reads.includes("affinity")) guardAffinity(spec, pod.spec.affinity, claims);
  if (reads.includes("requests") || reads.includes("images")) {
    for (const list of CONTAINER_LISTS) {
      spec[list] = pod.spec[list]?.map((container) => pick(container, reads));
    }
  }
  if (reads.includes("requests")) spec["overhead"] = pod.spec.overhead;
  const stored = {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: new Proxy(metadata, new Guard(pod.metadata, "metadata", claims)),
    spec: new Proxy(spec, new Guard(pod.spec, "spec", claims)),
  };
  return new Proxy(stored, new Guard(pod, "", claims)) as unknown as Pod;
}

/** spec.affinity for a plugin that reads a part of it. */
function guardAffinity(
  spec: Record<string, unknown>,
  affinity: Pod["spec"]["affinity"],
  claims: Claims,
): void {
  const readsNode = claims.reads.includes("nodeAffinity");
  const readsPods = claims.reads.includes("podAffinity");
  if (!readsNode && !readsPods) return;
  spec["affinity"] = undefined;
  if (affinity === undefined) return;
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  const view = {
    ...(readsNode && nodeAffinity && { nodeAffinity }),
    ...(readsPods && podAffinity && { podAffinity }),
    ...(readsPods && podAntiAffinity && { podAntiAffinity }),
  };
  spec["affinity"] = new Proxy(view, new Guard(affinity, "", claims));
}

interface Claims {
  readonly plugin: string;
  readonly reads: readonly PodField[];
}

/** Lets the fields through that the guarded object has itself; others that the source has are refused. */
class Guard implements ProxyHandler<object> {
  readonly #source: object;
  readonly #where: string;
  readonly #claims: Claims;

  /** `where` is the path of the source in the pod: "spec". */
  constructor(source: object, where: string, claims: Claims) {
    this.#source = source;
    this.#where = where;
    this.#claims = claims;
  }

  get(target: object, key: string | symbol): unknown {
    this.#check(target, key);
    return Reflect.get(target, key);
  }

  has(target: object, key: string | symbol): boolean {
    this.#check(target, key);
    return Reflect.has(target, key);
  }

  #check(target: object, key: string | symbol): void {
    if (typeof key === "symbol" || key in target) return;
    const { plugin, reads } = this.#claims;
    const claimable = FIELD_NAMES.get(key);
    if (claimable !== undefined && !reads.includes(claimable)) refuse(plugin, reads, claimable);
    if (claimable === undefined && key in this.#source) {
      refuse(plugin, reads, this.#where === "" ? key : `${this.#where}.${key}`);
    }
  }
}

function visibleFields(
  source: object,
  claimable: readonly PodField[],
  reads: readonly PodField[],
): Record<string, unknown> {
  const visible: Record<string, unknown> = {};
  const values = source as Readonly<Record<string, unknown>>;
  for (const field of claimable) if (reads.includes(field)) visible[field] = values[field];
  return visible;
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
