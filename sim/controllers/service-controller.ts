/**
 * ServiceController: asks the cloud for the load balancer of each Service of that type, tells its
 * address in the Service's status, and has it deleted before the Service goes.
 *
 * One worker by default, which waits for the cloud: load balancers are made one after the other.
 * What the cloud does when ports or nodes of a balancer change takes no time here and is not seen.
 * Addresses are of 198.18.0.0/15 (RFC 2544), found by the Service's name.
 *
 * Source: staging/src/k8s.io/cloud-provider/controllers/service/controller.go of v1.30.
 */
import type { KeyRecord, Manifest, ObjectMeta, Service } from "../api/index.ts";
import type { ApiCall, EventRecorder, Indexer } from "../client/index.ts";
import { HopLatency } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** servicehelper.LoadBalancerCleanupFinalizer */
const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";
/** Addresses of the range but its first and last. */
const ADDRESSES = 131_070;

type Item = "patch";

interface ServiceControllerState {
  /** The balancers that exist, by Service: the number of each one's address. */
  readonly balancers: Map<KeyRecord<Service>, number>;
  readonly taken: Set<number>;
  /** Requests to the cloud so far, by Service: they number the draws. */
  readonly requests: Map<KeyRecord<Service>, number>;
}

export class ServiceController implements Controller {
  state: ServiceControllerState = {
    balancers: new Map(),
    taken: new Set(),
    requests: new Map(),
  };
  readonly #services: Indexer<Service>;
  readonly #events: EventRecorder;
  readonly #cloud: HopLatency;
  readonly #reconciler: Reconciler<SyncWork, Item>;

  constructor(context: ControllerContext) {
    const { kernel, options } = context;
    const { controllerSync } = context.latency;
    const client = context.client("service-controller");
    const services = context.informer<Service>("Service");
    this.#services = services.indexer;
    this.#events = context.events(client, "service-controller");
    const setting = "controllerManager.loadBalancerProvision";
    this.#cloud = new HopLatency(kernel.seed, options.loadBalancerProvision, setting);
    const workers = options.concurrentServiceSyncs;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "service", workers, controllerSync },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#run(work),
        answered: (work, call) => this.#onAnswer(work, call),
      },
    );
    services.addEventHandler({
      onAdd: (record, service) => this.#onService(record, service),
      onUpdate: (record, _old, service) => this.#onService(record, service),
      onDelete: (record) => this.#onGone(record),
    });
    kernel.keep("controller/service", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #onService(record: KeyRecord<Service>, service: Service): void {
    if (mustEnsure(service) || mustCleanUp(service)) this.#reconciler.enqueue(record);
  }

  #onGone(record: KeyRecord<Service>): void {
    const address = this.state.balancers.get(record);
    if (address !== undefined) this.state.taken.delete(address);
    this.state.balancers.delete(record);
    this.state.requests.delete(record);
    this.#reconciler.forget(record);
  }

  #run(work: SyncWork): string {
    const record = work.record as KeyRecord<Service>;
    const service = this.#services.get(record);
    if (service === undefined || work.error !== "") return "done";
    switch (work.stage) {
      case "start":
        return this.#begin(work, record, service);
      case "ensure":
        this.#askCloud(work, record);
        return "ensured";
      case "ensured":
        return this.#ensured(work, record, service);
      case "deleted":
        return this.#deleted(work, record, service);
      case "clear":
        return this.#clear(work, record, service);
      default:
        return "done";
    }
  }

  #begin(work: SyncWork, record: KeyRecord<Service>, service: Service): string {
    if (mustCleanUp(service)) {
      this.#events.event(service, "Normal", "DeletingLoadBalancer", "Deleting load balancer");
      this.#askCloud(work, record);
      return "deleted";
    }
    if (!mustEnsure(service)) return "done";
    this.#events.event(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer");
    if (!hasFinalizer(service)) {
      const { uid } = service.metadata;
      this.#patch(work, record, { metadata: { uid, finalizers: [FINALIZER] } as ObjectMeta });
    }
    return "ensure";
  }

  #askCloud(work: SyncWork, record: KeyRecord<Service>): void {
    const number = this.state.requests.get(record) ?? 0;
    this.state.requests.set(record, number + 1);
    this.#reconciler.wait(work, this.#cloud.us(record.hash, number));
  }

  #ensured(work: SyncWork, record: KeyRecord<Service>, service: Service): string {
    const { loadBalancerIP = "" } = service.spec;
    const ip = loadBalancerIP === "" ? addressText(this.#addressOf(record)) : loadBalancerIP;
    this.#events.event(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer");
    const ingress = [{ ip, ipMode: "VIP" }];
    this.#patch(work, record, { status: { loadBalancer: { ingress } } }, "status");
    return "end";
  }

  /** The finalizer goes, and with it the Service, if it is being deleted. */
  #deleted(work: SyncWork, record: KeyRecord<Service>, service: Service): string {
    this.#events.event(service, "Normal", "DeletedLoadBalancer", "Deleted load balancer");
    const { uid } = service.metadata;
    const metadata = { uid, "$deleteFromPrimitiveList/finalizers": [FINALIZER] };
    this.#patch(work, record, { metadata: metadata as unknown as ObjectMeta });
    return "clear";
  }

  /** It has become one of another type, and stays. */
  #clear(work: SyncWork, record: KeyRecord<Service>, service: Service): string {
    const isThere = service.metadata.deletionTimestamp === undefined;
    if (isThere && hasIngress(service))
      this.#patch(work, record, { status: { loadBalancer: { ingress: null } } }, "status");
    return "end";
  }

  #patch(
    work: SyncWork,
    record: KeyRecord<Service>,
    patch: Manifest,
    subresource: "" | "status" = "",
  ): void {
    this.#reconciler.patch(work, record, patch, subresource, "patch");
  }

  #addressOf(record: KeyRecord<Service>): number {
    const { balancers, taken } = this.state;
    let address = balancers.get(record);
    if (address !== undefined) return address;
    address = record.hash % ADDRESSES;
    while (taken.has(address)) address = (address + 1) % ADDRESSES;
    balancers.set(record, address);
    taken.add(address);
    return address;
  }

  #onAnswer(work: SyncWork, call: ApiCall): void {
    if (!call.ok && call.code !== 404) work.error = call.message;
  }
}

/** Needs a balancer, by this controller, and has none yet. */
function mustEnsure(service: Service): boolean {
  return wantsBalancer(service) && !(hasFinalizer(service) && hasIngress(service));
}

/** Has a balancer that is not wanted any more (needsCleanup). */
function mustCleanUp(service: Service): boolean {
  return hasFinalizer(service) && !wantsBalancer(service);
}

/** A class names somebody else's controller. */
function wantsBalancer({ spec, metadata }: Service): boolean {
  return (
    spec.type === "LoadBalancer" &&
    spec.loadBalancerClass === undefined &&
    metadata.deletionTimestamp === undefined
  );
}

function hasFinalizer({ metadata }: Service): boolean {
  return metadata.finalizers?.includes(FINALIZER) === true;
}

function hasIngress({ status }: Service): boolean {
  return (status.loadBalancer?.ingress?.length ?? 0) > 0;
}

/** Of 198.18.0.0/15, from 198.18.0.1 on. */
function addressText(number: number): string {
  const n = number + 1;
  return `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}
