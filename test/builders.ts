/**
 * Builders of stored objects for tests: a case shows only what matters to it.
 *
 *   makePod("a").cpu("500m").onNode("n1").build()
 *   makeNode("n1").cpu("4").zone("z1").taint("dedicated=gpu:NoSchedule").build()
 *
 * A builder changes itself and returns itself; `build` gives a fresh, independent object.
 */
import type { core, Node, ObjectMeta, Pod, Taint, Toleration } from "../sim/api/index.ts";

type Requests = Readonly<Record<string, string>>;
/** What can be changed while building: the types of the API without readonly. */
type Draft<T> = { -readonly [Field in keyof T]: T[Field] };

const CREATED = "2024-06-01T00:00:00Z";
/** Image of a container whose image does not matter. */
const ANY_IMAGE = "registry.k8s.io/pause:3.9";

function metadata(name: string, namespace: string): Draft<ObjectMeta> {
  return {
    name,
    namespace,
    uid: `uid-${namespace === "" ? name : `${namespace}-${name}`}`,
    resourceVersion: "1",
    creationTimestamp: CREATED,
  };
}

function container(name: string, requests: Requests, image = ANY_IMAGE): core.Container {
  return { name, image, resources: { requests: { ...requests } } };
}

/** A taint written as kubectl does: `key=value:Effect` or `key:Effect`. */
function parseTaint(text: string): Taint {
  const [pair = "", effect = "NoSchedule"] = text.split(":");
  const [key = "", value] = pair.split("=");
  return value === undefined ? { key, effect } : { key, value, effect };
}

/** Builds a Pod with one container, `main`, that requests nothing until told otherwise. */
export class PodBuilder {
  readonly #metadata: Draft<ObjectMeta>;
  readonly #main: core.Container = container("main", {});
  readonly #spec: core.PodSpec = { containers: [this.#main], schedulerName: "default-scheduler" };
  readonly #status: core.PodStatus = { phase: "Pending" };

  constructor(name: string) {
    this.#metadata = metadata(name, "default");
  }

  namespace(namespace: string): this {
    this.#metadata.namespace = namespace;
    this.#metadata.uid = `uid-${namespace}-${this.#metadata.name}`;
    return this;
  }

  uid(uid: string): this {
    this.#metadata.uid = uid;
    return this;
  }

  label(key: string, value: string): this {
    this.#metadata.labels = { ...this.#metadata.labels, [key]: value };
    return this;
  }

  annotation(key: string, value: string): this {
    this.#metadata.annotations = { ...this.#metadata.annotations, [key]: value };
    return this;
  }

  /** Owned by a controller: `ownedBy("ReplicaSet", "web-1")`. */
  ownedBy(kind: string, name: string, apiVersion = "apps/v1"): this {
    const owner = { apiVersion, kind, name, uid: `uid-${name}`, controller: true };
    this.#metadata.ownerReferences = [...(this.#metadata.ownerReferences ?? []), owner];
    return this;
  }

  /** Being deleted since the given time. */
  terminating(deletionTimestamp = CREATED): this {
    this.#metadata.deletionTimestamp = deletionTimestamp;
    return this;
  }

  cpu(quantity: string): this {
    return this.request("cpu", quantity);
  }

  memory(quantity: string): this {
    return this.request("memory", quantity);
  }

  /** A request of the main container. */
  request(resource: string, quantity: string): this {
    const requests = { ...this.#main.resources?.requests, [resource]: quantity };
    this.#main.resources = { requests };
    return this;
  }

  image(image: string): this {
    this.#main.image = image;
    return this;
  }

  hostPort(hostPort: number, protocol = "TCP", hostIP?: string): this {
    const port: core.ContainerPort = { containerPort: hostPort, hostPort, protocol };
    if (hostIP !== undefined) port.hostIP = hostIP;
    this.#main.ports = [...(this.#main.ports ?? []), port];
    return this;
  }

  /** One more container. */
  container(requests: Requests, image?: string): this {
    const { containers } = this.#spec;
    containers.push(container(`c${containers.length}`, requests, image));
    return this;
  }

  initContainer(requests: Requests, image?: string): this {
    const others = this.#spec.initContainers ?? [];
    this.#spec.initContainers = [...others, container(`i${others.length}`, requests, image)];
    return this;
  }

  /** A restartable init container: it runs as long as the pod. */
  sidecar(requests: Requests, image?: string): this {
    this.initContainer(requests, image);
    const last = this.#spec.initContainers?.at(-1);
    if (last !== undefined) last.restartPolicy = "Always";
    return this;
  }

  overhead(overhead: Requests): this {
    this.#spec.overhead = { ...overhead };
    return this;
  }

  priority(priority: number): this {
    this.#spec.priority = priority;
    return this;
  }

  schedulerName(schedulerName: string): this {
    this.#spec.schedulerName = schedulerName;
    return this;
  }

  gate(name: string): this {
    this.#spec.schedulingGates = [...(this.#spec.schedulingGates ?? []), { name }];
    return this;
  }

  nodeSelector(labels: Requests): this {
    this.#spec.nodeSelector = { ...labels };
    return this;
  }

  /** Required node affinity: one of the terms must match. */
  requires(...nodeSelectorTerms: core.NodeSelectorTerm[]): this {
    return this.#nodeAffinity({
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
    });
  }

  /** One more preferred node affinity term. */
  prefers(weight: number, preference: core.NodeSelectorTerm): this {
    const field = "preferredDuringSchedulingIgnoredDuringExecution";
    const others = this.#spec.affinity?.nodeAffinity?.[field] ?? [];
    return this.#nodeAffinity({ [field]: [...others, { weight, preference }] });
  }

  #nodeAffinity(part: core.NodeAffinity): this {
    const nodeAffinity = { ...this.#spec.affinity?.nodeAffinity, ...part };
    this.#spec.affinity = { ...this.#spec.affinity, nodeAffinity };
    return this;
  }

  /** One more required pod affinity term. */
  near(term: core.PodAffinityTerm): this {
    return this.#addRequiredTerm("podAffinity", term);
  }

  /** One more required pod anti-affinity term. */
  apartFrom(term: core.PodAffinityTerm): this {
    return this.#addRequiredTerm("podAntiAffinity", term);
  }

  /** One more preferred pod affinity term. */
  prefersNear(weight: number, podAffinityTerm: core.PodAffinityTerm): this {
    return this.#addPreferredTerm("podAffinity", { weight, podAffinityTerm });
  }

  /** One more preferred pod anti-affinity term. */
  prefersApartFrom(weight: number, podAffinityTerm: core.PodAffinityTerm): this {
    return this.#addPreferredTerm("podAntiAffinity", { weight, podAffinityTerm });
  }

  #addRequiredTerm(kind: "podAffinity" | "podAntiAffinity", term: core.PodAffinityTerm): this {
    const field = "requiredDuringSchedulingIgnoredDuringExecution";
    const known = this.#spec.affinity?.[kind];
    const terms = { ...known, [field]: [...(known?.[field] ?? []), term] };
    this.#spec.affinity = { ...this.#spec.affinity, [kind]: terms };
    return this;
  }

  #addPreferredTerm(
    kind: "podAffinity" | "podAntiAffinity",
    term: core.WeightedPodAffinityTerm,
  ): this {
    const field = "preferredDuringSchedulingIgnoredDuringExecution";
    const known = this.#spec.affinity?.[kind];
    const terms = { ...known, [field]: [...(known?.[field] ?? []), term] };
    this.#spec.affinity = { ...this.#spec.affinity, [kind]: terms };
    return this;
  }

  /** One more topology spread constraint. */
  spreads(constraint: core.TopologySpreadConstraint): this {
    const others = this.#spec.topologySpreadConstraints ?? [];
    this.#spec.topologySpreadConstraints = [...others, constraint];
    return this;
  }

  /** One more volume, of a PersistentVolumeClaim. */
  claims(claimName: string): this {
    const volume = { name: claimName, persistentVolumeClaim: { claimName } };
    this.#spec.volumes = [...(this.#spec.volumes ?? []), volume];
    return this;
  }

  /** Preemption has promised it a place on the node. */
  nominatedTo(nodeName: string): this {
    this.#status.nominatedNodeName = nodeName;
    return this;
  }

  tolerates(toleration: Toleration): this {
    this.#spec.tolerations = [...(this.#spec.tolerations ?? []), toleration];
    return this;
  }

  /** `spec.nodeName`: bound to the node. */
  onNode(nodeName: string): this {
    this.#spec.nodeName = nodeName;
    return this;
  }

  phase(phase: string): this {
    this.#status.phase = phase;
    return this;
  }

  /** Anything else of the spec. */
  spec(part: Partial<core.PodSpec>): this {
    Object.assign(this.#spec, part);
    return this;
  }

  build(): Pod {
    const { meta, spec, status } = structuredClone({
      meta: this.#metadata,
      spec: this.#spec,
      status: this.#status,
    });
    return { apiVersion: "v1", kind: "Pod", metadata: meta, spec, status };
  }
}

/** Builds a Node with 4 CPUs, 16 GiB and room for 110 pods, labelled with its host name. */
export class NodeBuilder {
  readonly #metadata: Draft<ObjectMeta>;
  readonly #spec: core.NodeSpec = {};
  readonly #images: core.ContainerImage[] = [];
  #resources: Requests = { cpu: "4", memory: "16Gi", pods: "110" };

  constructor(name: string) {
    this.#metadata = metadata(name, "");
    this.label("kubernetes.io/hostname", name);
  }

  cpu(quantity: string): this {
    return this.resource("cpu", quantity);
  }

  memory(quantity: string): this {
    return this.resource("memory", quantity);
  }

  pods(count: number): this {
    return this.resource("pods", String(count));
  }

  /** Capacity and allocatable of a resource. */
  resource(resource: string, quantity: string): this {
    this.#resources = { ...this.#resources, [resource]: quantity };
    return this;
  }

  label(key: string, value: string): this {
    this.#metadata.labels = { ...this.#metadata.labels, [key]: value };
    return this;
  }

  zone(zone: string, region = "r1"): this {
    this.label("topology.kubernetes.io/region", region);
    return this.label("topology.kubernetes.io/zone", zone);
  }

  /** `key=value:Effect` or `key:Effect`. */
  taint(text: string): this {
    this.#spec.taints = [...(this.#spec.taints ?? []), parseTaint(text)];
    return this;
  }

  /** Cordoned. */
  unschedulable(): this {
    this.#spec.unschedulable = true;
    return this;
  }

  /** An image on the node, under its names. */
  image(sizeBytes: number, ...names: string[]): this {
    this.#images.push({ names, sizeBytes });
    return this;
  }

  build(): Node {
    const { meta, spec, status } = structuredClone({
      meta: this.#metadata,
      spec: this.#spec,
      status: {
        capacity: this.#resources,
        allocatable: this.#resources,
        images: this.#images,
        conditions: [{ type: "Ready", status: "True" }],
      },
    });
    return { apiVersion: "v1", kind: "Node", metadata: meta, spec, status };
  }
}

export function makePod(name: string): PodBuilder {
  return new PodBuilder(name);
}

export function makeNode(name: string): NodeBuilder {
  return new NodeBuilder(name);
}
