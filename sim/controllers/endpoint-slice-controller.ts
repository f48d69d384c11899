/**
 * EndpointSliceController: tells where the pods of each Service are, and whether they are ready.
 *
 * Source: pkg/controller/endpointslice/endpointslice_controller.go and
 * staging/src/k8s.io/endpointslice/reconciler.go of v1.30. IPv4 only. A stale view is tried again
 * after the queue's own back-off (from 5 ms), where v1.30 begins with a second.
 *
 * Hot during roll-outs: a sync looks at the pods that changed since the last one, and at the slices
 * that hold them (slice-view.ts); at everything only when the Service, a node or a slice was changed
 * otherwise, or when hints are shared out by CPU.
 */
import {
  compileLabelSelector,
  type EndpointSlice,
  type KeyRecord,
  type Node,
  type Pod,
  type Service,
} from "../api/index.ts";
import type { ApiCall, EventRecorder, Indexer } from "../client/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import {
  openAll,
  packGroups,
  reuseSlices,
  type SlicePlan,
  type StoredSlice,
  type WantedEndpoint,
} from "./endpoint-packing.ts";
import { newSlice, serviceOfSlice, sliceWith, storedSlice } from "./endpoint-slice-objects.ts";
import { isNamespaceTerminating } from "./namespace-terminating.ts";
import { indexLabelled, ownersSelecting, selectLabelled } from "./ownership.ts";
import { belongsInEndpoints, endpointPorts, podEndpoint } from "./pod-endpoint.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";
import { ServiceEndpoints } from "./service-endpoints.ts";
import { isNoted, isRelevant, isSelectorEqual, selects } from "./service-pods.ts";
import { failureOf, type SliceCall } from "./slice-call.ts";
import { SliceTracker } from "./slice-tracker.ts";
import { SliceView } from "./slice-view.ts";
import {
  HINT_MESSAGES,
  hintByCpu,
  hintMode,
  hintOwnZone,
  isOverloaded,
  removeHints,
  type ZoneRatios,
} from "./topology-hints.ts";
import { isNodeReady, ZONE, zoneRatios } from "./zone-ratios.ts";

/** kube-controller-manager --concurrent-service-endpoint-syncs. */
const WORKERS = 5;
/** kube-controller-manager --max-endpoints-per-slice. */
const ENDPOINTS_PER_SLICE = 100;
/** endpointSliceChangeMinSyncDelay: somebody else's changes of slices are not chased. */
const SLICE_CHANGE_DELAY_US = 1_000_000;

const BY_SERVICE = "service";
const BY_KEY = "key";
const STALE = "EndpointSlice informer cache is out of date";

interface EndpointSliceControllerState {
  readonly tracker: SliceTracker;
  readonly services: Map<KeyRecord<Service>, ServiceEndpoints>;
  /** How often a node came, went or changed its zone. */
  nodeChanges: number;
  /** Of the nodes as they were when it was last asked for. */
  zones: { readonly ratios: ZoneRatios } | undefined;
}

export class EndpointSliceController implements Controller {
  state: EndpointSliceControllerState = {
    tracker: new SliceTracker(),
    services: new Map(),
    nodeChanges: 0,
    zones: undefined,
  };
  readonly #services: Indexer<Service>;
  readonly #pods: Indexer<Pod>;
  readonly #nodes: Indexer<Node>;
  readonly #slices: Indexer<EndpointSlice>;
  readonly #events: EventRecorder;
  readonly #reconciler: Reconciler<SyncWork, SliceCall>;

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
    this.#events = context.events(client, "endpoint-slice-controller");
    indexLabelled(this.#pods);
    this.#services.addIndex(BY_KEY, ({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    this.#nodes.addIndex(BY_KEY, ({ metadata }) => metadata.name);
    this.#slices.addIndex(BY_SERVICE, serviceOfSlice);
    this.#reconciler = new Reconciler(
      { kernel, client, name: "endpointslice", workers: WORKERS, controllerSync },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#run(work),
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
    nodes.addEventHandler({
      onAdd: () => this.#onNode(true),
      onUpdate: (_record, old, node) => this.#onNodeUpdate(old, node),
      onDelete: () => this.#onNode(true),
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
    const { services } = this.state;
    if (old === undefined || !isSelectorEqual(old, service)) {
      const { selector } = service.spec;
      const selected =
        selector === undefined
          ? []
          : selectLabelled(
              this.#pods,
              service.metadata.namespace,
              compileLabelSelector({ matchLabels: selector }),
            );
      const known = services.get(record);
      if (known === undefined)
        services.set(record, new ServiceEndpoints(selected, new SliceView()));
      else known.select(selected);
    }
    this.#reconciler.enqueue(record);
  }

  #onServiceGone(record: KeyRecord<Service>): void {
    this.state.services.delete(record);
    this.#reconciler.enqueue(record);
  }

  /** Tells the Services that select the pod, or did. */
  #onPod(record: KeyRecord<Pod>, old: Pod | undefined, pod: Pod | undefined): void {
    if (this.#services.size === 0) return;
    if (old !== undefined && pod !== undefined && !isNoted(old, pod)) return;
    const { services } = this.state;
    const mustSync = old === undefined || pod === undefined || isRelevant(old, pod);
    const before = old === undefined ? [] : this.#selecting(old);
    const isSameLabels = old?.metadata.labels === pod?.metadata.labels;
    const now = pod === undefined ? [] : isSameLabels ? before : this.#selecting(pod);
    for (const service of before) {
      const known = services.get(service);
      if (!now.includes(service)) known?.members.delete(record);
      known?.dirty.add(record);
      if (mustSync) this.#reconciler.enqueue(service);
    }
    for (const service of now) {
      const known = services.get(service);
      known?.members.add(record);
      known?.dirty.add(record);
      if (mustSync) this.#reconciler.enqueue(service);
    }
  }

  #selecting(pod: Pod): KeyRecord<Service>[] {
    return ownersSelecting(this.#services, pod.metadata, (service) => selects(service, pod));
  }

  #onNodeUpdate(old: Node, node: Node): void {
    const isZoneChanged = old.metadata.labels?.[ZONE] !== node.metadata.labels?.[ZONE];
    if (isZoneChanged || isNodeReady(old) !== isNodeReady(node)) this.#onNode(isZoneChanged);
  }

  /** Services whose hints fit the zones no more are synced (checkNodeTopologyDistribution). */
  #onNode(mayMoveEndpoints: boolean): void {
    const { state } = this;
    state.zones = undefined;
    if (mayMoveEndpoints) state.nodeChanges++;
    for (const [record, { hinted }] of state.services) {
      if (hinted !== undefined && isOverloaded(hinted, this.#zoneRatios()))
        this.#reconciler.enqueue(record);
    }
  }

  #zoneRatios(): ZoneRatios {
    this.state.zones ??= {
      ratios: zoneRatios(this.#nodes.keys().flatMap((record) => this.#nodes.get(record) ?? [])),
    };
    return this.state.zones.ratios;
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
    const key = serviceOfSlice(slice);
    return key === undefined ? undefined : this.#services.byIndex(BY_KEY, key)[0];
  }

  #run(work: SyncWork): string {
    const record = work.record as KeyRecord<Service>;
    const service = this.#services.get(record);
    const known = this.state.services.get(record);
    if (service === undefined || known === undefined) {
      this.state.tracker.forget(record);
      this.#reconciler.forget(record);
      return "done";
    }
    if (work.stage === "written") {
      if (work.error !== "") this.#failed(work, service, known);
      return "done";
    }
    // Without a selector somebody else keeps the slices; an external name has none.
    if (service.spec.type === "ExternalName" || service.spec.selector === undefined) return "done";
    if (this.state.tracker.isStale(record, (slice) => this.#slice(slice))) {
      work.error = STALE;
      return "done";
    }
    this.#sync(work, service, known);
    return "written";
  }

  #failed({ error }: SyncWork, service: Service, known: ServiceEndpoints): void {
    known.isInView = false;
    const { namespace, name } = service.metadata;
    const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${error}`;
    this.#events.event(service, "Warning", "FailedToUpdateEndpointSlices", message);
  }

  #sync(work: SyncWork, service: Service, known: ServiceEndpoints): void {
    const keys = this.#slices.byIndex(BY_SERVICE, work.record.key);
    const records = new Map<string, KeyRecord<EndpointSlice>>();
    const slices = keys.flatMap((key) => {
      const slice = this.#slices.get(key);
      if (slice === undefined || slice.metadata.deletionTimestamp !== undefined) return [];
      records.set(key.name, key);
      return [storedSlice(slice, service)];
    });
    known.basedOn(service, this.state.nodeChanges);
    const trigger = known.triggerTime(service, (record) => this.#pods.get(record));
    const plan = this.#plan(work, service, known, slices);
    this.#write(work, service, plan, records, trigger);
    known.view.planned(plan);
    known.isInView = service.metadata.deletionTimestamp === undefined;
  }

  #plan(
    work: SyncWork,
    service: Service,
    known: ServiceEndpoints,
    slices: readonly StoredSlice[],
  ): SlicePlan {
    const changes = known.changes((record) => this.#want(work, service, record));
    const mode = hintMode(service);
    const isInView = known.isInView && mode !== "auto" && known.view.matches(slices);
    let plan: SlicePlan;
    if (isInView) plan = packGroups(known.view.openChanged(changes), ENDPOINTS_PER_SLICE);
    else {
      const wanted = known.allWanted();
      known.view.restart(wanted);
      plan = packGroups(openAll(wanted, slices), ENDPOINTS_PER_SLICE);
    }
    if (mode === "auto") this.#hintByCpu(service, known, plan);
    else {
      if (known.hinted !== undefined)
        this.#tellHints(service, "Warning", "Disabled", HINT_MESSAGES.disabled);
      known.hinted = undefined;
      const hint = mode === "close" ? hintOwnZone : removeHints;
      hint(isInView ? { ...plan, unchanged: [] } : plan);
    }
    reuseSlices(plan);
    return plan;
  }

  #hintByCpu(service: Service, known: ServiceEndpoints, plan: SlicePlan): void {
    const result = hintByCpu(plan, this.#zoneRatios());
    if (typeof result === "string") {
      known.hinted = undefined;
      this.#tellHints(service, "Warning", "Disabled", result);
      return;
    }
    if (known.hinted === undefined)
      this.#tellHints(service, "Normal", "Enabled", HINT_MESSAGES.enabled);
    known.hinted = result;
  }

  #tellHints(
    service: Service,
    type: "Normal" | "Warning",
    what: "Enabled" | "Disabled",
    message: string,
  ): void {
    this.#events.event(service, type, `TopologyAwareHints${what}`, `${message}, addressType: IPv4`);
  }

  #want(
    work: SyncWork,
    service: Service,
    record: KeyRecord<Pod>,
  ): WantedEndpoint | "later" | undefined {
    const pod = this.#pods.get(record);
    if (pod === undefined || !belongsInEndpoints(pod)) return undefined;
    const node = this.#nodeOf(pod);
    if (node === undefined && service.spec.publishNotReadyAddresses !== true) {
      const { namespace, name } = service.metadata;
      const { nodeName = "" } = pod.spec;
      work.error = `skipping Pod ${pod.metadata.name} for Service ${namespace}/${name}: Node ${nodeName} Not Found`;
      return "later";
    }
    return { endpoint: podEndpoint(pod, node, service), ports: endpointPorts(service, pod) };
  }

  #nodeOf({ spec }: Pod): Node | undefined {
    const record = this.#nodes.firstByIndex(BY_KEY, spec.nodeName ?? "");
    return record && this.#nodes.get(record);
  }

  #slice(record: KeyRecord): EndpointSlice | undefined {
    return this.#slices.get(record as KeyRecord<EndpointSlice>);
  }

  /** Sends the writes, and names the new slices in the plan. */
  #write(
    work: SyncWork,
    service: Service,
    plan: SlicePlan,
    records: ReadonlyMap<string, KeyRecord<EndpointSlice>>,
    trigger: string,
  ): void {
    // The garbage collector deletes the slices of a Service that goes: none is made in their place.
    if (service.metadata.deletionTimestamp !== undefined) plan.create.length = 0;
    for (const bin of plan.create) {
      const manifest = newSlice(service, bin, trigger);
      const item = { call: "create", slice: undefined } as const;
      bin.name = this.#reconciler.create(work, "EndpointSlice", manifest, item).name;
    }
    for (const bin of plan.update) {
      const record = records.get(bin.name);
      const slice = record && this.#slices.get(record);
      if (record === undefined || slice === undefined)
        throw new Error(`slice ${bin.name} of Service ${work.record.key} is unknown`);
      const next = sliceWith(slice, service, bin, trigger);
      this.#reconciler.update(work, record, next, "", { call: "update", slice: record });
    }
    for (const { name } of plan.remove) {
      const record = records.get(name);
      if (record !== undefined)
        this.#reconciler.delete(work, record, { call: "remove", slice: record });
    }
  }

  #onAnswer(work: SyncWork, call: ApiCall, { call: what, slice }: SliceCall): void {
    const { tracker } = this.state;
    const key = slice ?? (call.record as KeyRecord<EndpointSlice> | undefined);
    if (!call.ok) {
      if (what === "remove" && call.code === 404) return;
      const known = this.state.services.get(work.record as KeyRecord<Service>);
      if (known !== undefined) known.isInView = false;
      if (what === "create" && isNamespaceTerminating(call)) return;
      work.error = failureOf(work, what, key?.name ?? "", call);
    } else if (key !== undefined) {
      if (what === "remove") tracker.removed(work.record, key);
      else tracker.written(work.record, key, call.object as EndpointSlice);
    }
  }
}
