/**
 * EndpointSliceController: tells where the pods of each Service are, and whether they are ready.
 *
 * Source: pkg/controller/endpointslice/endpointslice_controller.go of v1.30. IPv4 only; topology
 * hints are not modelled. A stale view is tried again after the queue's own back-off (from 5 ms),
 * where v1.30 begins with a second.
 */
import {
  controllerRef,
  type EndpointSlice,
  type KeyRecord,
  type Manifest,
  type Node,
  type Pod,
  type Service,
} from "../api/index.ts";
import type { ApiCall, Indexer } from "../client/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import {
  type EndpointGroup,
  packEndpoints,
  portsKey,
  type SliceContent,
} from "./endpoint-packing.ts";
import { ownersSelecting } from "./ownership.ts";
import { belongsInEndpoints, endpointPorts, podEndpoint } from "./pod-endpoint.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";
import { SliceTracker } from "./slice-tracker.ts";

/** kube-controller-manager --concurrent-service-endpoint-syncs. */
const WORKERS = 5;
/** kube-controller-manager --max-endpoints-per-slice. */
const ENDPOINTS_PER_SLICE = 100;
/** endpointSliceChangeMinSyncDelay: somebody else's changes of slices are not chased. */
const SLICE_CHANGE_DELAY_US = 1_000_000;

const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const CONTROLLER_NAME = "endpointslice-controller.k8s.io";
const HEADLESS = "service.kubernetes.io/headless";
const BY_SERVICE = "service";
const BY_KEY = "key";

type Item = {
  readonly call: "write" | "remove";
  readonly slice: KeyRecord<EndpointSlice> | undefined;
};

interface EndpointSliceControllerState {
  readonly tracker: SliceTracker;
  /** Pods that each Service selects. */
  readonly members: Map<KeyRecord<Service>, Set<KeyRecord<Pod>>>;
}

export class EndpointSliceController implements Controller {
  state: EndpointSliceControllerState = { tracker: new SliceTracker(), members: new Map() };
  readonly #services: Indexer<Service>;
  readonly #pods: Indexer<Pod>;
  readonly #nodes: Indexer<Node>;
  readonly #slices: Indexer<EndpointSlice>;
  readonly #reconciler: Reconciler<SyncWork, Item>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("endpointslice-controller");
    const services = context.informer<Service>("Service");
    const pods = context.informer<Pod>("Pod");
    const nodes = context.informer<Node>("Node");
    const slices = context.informer<EndpointSlice>("EndpointSlice");
    this.#services = services.indexer;
    this.#pods = pods.indexer;
    this.#nodes = nodes.indexer;
    this.#slices = slices.indexer;
    this.#services.addIndex(BY_KEY, ({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    this.#nodes.addIndex(BY_KEY, ({ metadata }) => metadata.name);
    this.#slices.addIndex(BY_SERVICE, managedServiceKey);
    this.#reconciler = new Reconciler(
      { kernel, client, name: "endpointslice", workers: WORKERS, controllerSync },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#sync(work),
        answered: (work, call, item) => this.#onAnswer(work, call, item),
      },
    );
    services.addEventHandler({
      onAdd: (record, service) => this.#onService(record, undefined, service),
      onUpdate: (record, old, service) => this.#onService(record, old, service),
      onDelete: (record) => this.#onServiceGone(record),
    });
    pods.addEventHandler({
      onAdd: (record, pod) => this.#onPod(record, undefined, pod),
      onUpdate: (record, old, pod) => this.#onPod(record, old, pod),
      onDelete: (record, last) => this.#onPod(record, last, undefined),
    });
    slices.addEventHandler({
      onAdd: (record, slice) => this.#onSlice(record, slice),
      onUpdate: (record, _old, slice) => this.#onSlice(record, slice),
      onDelete: (record, last) => this.#onSliceGone(record, last),
    });
    kernel.keep("controller/endpointslice", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #onService(record: KeyRecord<Service>, old: Service | undefined, service: Service): void {
    const { members } = this.state;
    if (old === undefined || !isSelectorEqual(old, service)) {
      const { namespace } = service.metadata;
      const selected = this.#pods.select(
        (pod) => pod.metadata.namespace === namespace && selects(service, pod),
      );
      members.set(record, new Set(selected));
    }
    this.#reconciler.enqueue(record);
  }

  #onServiceGone(record: KeyRecord<Service>): void {
    this.state.members.delete(record);
    this.#reconciler.enqueue(record);
  }

  /** Tells the Services that select the pod, or did. */
  #onPod(record: KeyRecord<Pod>, old: Pod | undefined, pod: Pod | undefined): void {
    if (this.#services.size === 0) return;
    if (old !== undefined && pod !== undefined && !isRelevant(old, pod)) return;
    const before = old === undefined ? [] : this.#selecting(old);
    const isSameLabels = old?.metadata.labels === pod?.metadata.labels;
    const now = pod === undefined ? [] : isSameLabels ? before : this.#selecting(pod);
    for (const service of before) {
      if (!now.includes(service)) this.state.members.get(service)?.delete(record);
      this.#reconciler.enqueue(service);
    }
    for (const service of now) {
      this.state.members.get(service)?.add(record);
      this.#reconciler.enqueue(service);
    }
  }

  #selecting(pod: Pod): KeyRecord<Service>[] {
    return ownersSelecting(this.#services, pod.metadata, (service) => selects(service, pod));
  }

  #onSlice(record: KeyRecord<EndpointSlice>, slice: EndpointSlice): void {
    const service = this.#serviceOf(slice);
    if (service === undefined || !this.state.tracker.isForeign(service, record, slice)) return;
    this.#reconciler.enqueueAfter(service, SLICE_CHANGE_DELAY_US);
  }

  #onSliceGone(record: KeyRecord<EndpointSlice>, slice: EndpointSlice): void {
    const service = this.#serviceOf(slice);
    if (service === undefined || !this.state.tracker.isUnexpectedRemoval(service, record)) return;
    this.#reconciler.enqueueAfter(service, SLICE_CHANGE_DELAY_US);
  }

  #serviceOf(slice: EndpointSlice): KeyRecord<Service> | undefined {
    const key = managedServiceKey(slice);
    return key === undefined ? undefined : this.#services.byIndex(BY_KEY, key)[0];
  }

  #sync(work: SyncWork): string {
    const record = work.record as KeyRecord<Service>;
    const service = this.#services.get(record);
    const { tracker } = this.state;
    if (service === undefined) {
      tracker.forget(record);
      this.#reconciler.forget(record);
      return "done";
    }
    // Without a selector somebody else keeps the slices; an external name has none.
    if (service.spec.type === "ExternalName" || service.spec.selector === undefined) return "done";
    if (tracker.isStale(record, (slice) => this.#slices.get(slice as KeyRecord<EndpointSlice>))) {
      work.error = "EndpointSlice informer cache is out of date";
      return "done";
    }
    const keys = this.#slices.byIndex(BY_SERVICE, record.key).filter((key) => {
      const slice = this.#slices.get(key);
      return slice !== undefined && slice.metadata.deletionTimestamp === undefined;
    });
    this.#write(work, service, keys);
    return "done";
  }

  #write(work: SyncWork, service: Service, keys: readonly KeyRecord<EndpointSlice>[]): void {
    const keyOf = new Map<EndpointSlice, KeyRecord<EndpointSlice>>();
    for (const key of keys) {
      const slice = this.#slices.get(key);
      if (slice !== undefined) keyOf.set(slice, key);
    }
    const groups = this.#groups(work, service);
    const plan = packEndpoints(groups, [...keyOf.keys()], ENDPOINTS_PER_SLICE);
    for (const content of plan.create) {
      const manifest = newSlice(service, content);
      this.#reconciler.create(work, "EndpointSlice", manifest, { call: "write", slice: undefined });
    }
    for (const { slice, content } of plan.update) {
      const key = keyOf.get(slice);
      if (key === undefined) continue;
      const labels = sliceLabels(service);
      const metadata = { ...slice.metadata, labels };
      const next = {
        ...slice,
        metadata,
        ports: content.ports as EndpointGroup["ports"][number][],
        endpoints: [...content.endpoints],
      };
      this.#reconciler.update(work, key, next, "", { call: "write", slice: key });
    }
    for (const slice of plan.remove) {
      const key = keyOf.get(slice);
      if (key !== undefined) this.#reconciler.delete(work, key, { call: "remove", slice: key });
    }
  }

  /** Endpoints by their ports, each group and the groups in the order of the pods' keys. */
  #groups(work: SyncWork, service: Service): EndpointGroup[] {
    const groups = new Map<
      string,
      { ports: EndpointGroup["ports"]; endpoints: EndpointGroup["endpoints"][number][] }
    >();
    const members = this.state.members.get(work.record as KeyRecord<Service>) ?? new Set();
    for (const key of [...members].sort((a, b) => (a.key < b.key ? -1 : 1))) {
      const pod = this.#pods.get(key);
      if (pod === undefined || !belongsInEndpoints(pod)) continue;
      const node = this.#nodeOf(pod);
      if (node === undefined && service.spec.publishNotReadyAddresses !== true) {
        work.error = `node ${pod.spec.nodeName ?? ""} of pod ${pod.metadata.name} is unknown`;
        continue;
      }
      const ports = endpointPorts(service, pod);
      const name = portsKey(ports);
      let group = groups.get(name);
      if (group === undefined) {
        group = { ports, endpoints: [] };
        groups.set(name, group);
      }
      group.endpoints.push(podEndpoint(pod, node, service));
    }
    return [...groups.values()];
  }

  #nodeOf({ spec }: Pod): Node | undefined {
    const record = this.#nodes.firstByIndex(BY_KEY, spec.nodeName ?? "");
    return record && this.#nodes.get(record);
  }

  #onAnswer(work: SyncWork, call: ApiCall, { call: what, slice }: Item): void {
    const { tracker } = this.state;
    const key = slice ?? call.record;
    if (!call.ok) {
      if (what === "write" || call.code !== 404) work.error = call.message;
    } else if (key !== undefined) {
      if (what === "write") tracker.written(work.record, key, call.object as EndpointSlice);
      else tracker.removed(work.record, key);
    }
  }
}

/** `namespace/name` of the Service whose slice this controller keeps; undefined for others'. */
function managedServiceKey({ metadata }: EndpointSlice): string | undefined {
  const { namespace, labels = {} } = metadata;
  const service = labels[SERVICE_NAME];
  const isManaged = labels[MANAGED_BY] === CONTROLLER_NAME;
  return isManaged && service !== undefined ? `${namespace}/${service}` : undefined;
}

function selects({ spec }: Service, { metadata }: Pod): boolean {
  const { selector } = spec;
  if (selector === undefined) return false;
  const { labels = {} } = metadata;
  return Object.keys(selector).every((key) => labels[key] === selector[key]);
}

function isSelectorEqual({ spec: a }: Service, { spec: b }: Service): boolean {
  return JSON.stringify(a.selector) === JSON.stringify(b.selector);
}

/** What of a pod shows in its endpoint, or in whether it has one (podEndpointsChanged). */
function isRelevant(old: Pod, pod: Pod): boolean {
  return (
    old.status.podIP !== pod.status.podIP ||
    old.status.phase !== pod.status.phase ||
    old.status.conditions !== pod.status.conditions ||
    old.spec.nodeName !== pod.spec.nodeName ||
    old.metadata.labels !== pod.metadata.labels ||
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp
  );
}

function sliceLabels({ metadata, spec }: Service): Record<string, string> {
  const headless = spec.clusterIP === "None" ? { [HEADLESS]: "" } : {};
  const { name, labels } = metadata;
  return { ...labels, ...headless, [SERVICE_NAME]: name, [MANAGED_BY]: CONTROLLER_NAME };
}

function newSlice(service: Service, { ports, endpoints }: SliceContent): Manifest {
  const { name, namespace } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: sliceLabels(service),
      ownerReferences: [controllerRef(service)],
    },
    addressType: "IPv4",
    ports,
    endpoints,
  };
}
