/**
 * VolumeProvisioner: makes volumes for claims, and deletes them, as the CSI external-provisioners of
 * a cluster do. One stands for those of all drivers: every class whose provisioner is not
 * kubernetes.io/no-provisioner is served, each volume after `latency.volumeProvision`.
 *
 * Simplified: a driver has topologies when it names topology keys on a CSINode. Then a volume for a
 * selected node is reachable from where that node is by these keys, and one without such a node from
 * the class's allowedTopologies. Otherwise a volume is reachable from everywhere. Provisioning never
 * fails, and CSIStorageCapacity objects do not follow what is used.
 *
 * Source: kubernetes-csi/external-provisioner v4 (pkg/controller/controller.go) and
 * sig-storage-lib-external-provisioner v9 (controller/controller.go).
 */
import {
  BIND_COMPLETED,
  type CSINode,
  claimClass,
  claimReference,
  type core,
  type KeyRecord,
  type Manifest,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PROVISIONED_BY,
  requestedStorage,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  type StorageClass,
} from "../api/index.ts";
import type { ApiCall, Indexer } from "../client/index.ts";
import { HopLatency, type Kernel, type Micros } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** external-provisioner --worker-threads. */
const WORKERS = 100;
const BY_NAME = "name";

interface VolumeProvisionerState {
  /** When the driver will be done, by the claim or volume that it works for. */
  readonly due: Map<KeyRecord, Micros>;
}

interface ProvisionerStores {
  readonly claims: Indexer<PersistentVolumeClaim>;
  readonly volumes: Indexer<PersistentVolume>;
  readonly storageClasses: Indexer<StorageClass>;
  readonly csiNodes: Indexer<CSINode>;
  readonly nodes: Indexer<Node>;
}

export class VolumeProvisioner implements Controller {
  state: VolumeProvisionerState = { due: new Map() };
  readonly #kernel: Kernel;
  readonly #stores: ProvisionerStores;
  readonly #latency: HopLatency;
  readonly #reconciler: Reconciler<SyncWork, "create" | "delete">;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync, volumeProvision } = context.latency;
    const client = context.client("csi-provisioner");
    const volumes = context.informer<PersistentVolume>("PersistentVolume");
    const claims = context.informer<PersistentVolumeClaim>("PersistentVolumeClaim");
    this.#kernel = kernel;
    this.#stores = {
      claims: claims.indexer,
      volumes: volumes.indexer,
      storageClasses: context.informer<StorageClass>("StorageClass").indexer,
      csiNodes: context.informer<CSINode>("CSINode").indexer,
      nodes: context.informer<Node>("Node").indexer,
    };
    this.#latency = new HopLatency(kernel.seed, volumeProvision, "latency.volumeProvision");
    this.#reconciler = new Reconciler(
      { kernel, client, name: "volume-provisioner", workers: WORKERS, controllerSync },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#run(work),
        answered: (work, call) => this.#onAnswer(work, call),
      },
    );
    this.#stores.nodes.addIndex(BY_NAME, ({ metadata }) => metadata.name, "names");
    this.#stores.csiNodes.addIndex(BY_NAME, ({ metadata }) => metadata.name, "names");
    this.#stores.storageClasses.addIndex(BY_NAME, ({ metadata }) => metadata.name, "names");
    claims.addEventHandler({
      onAdd: (record, claim) => this.#onClaim(record, claim),
      onUpdate: (record, _old, claim) => this.#onClaim(record, claim),
      onDelete: (record) => this.#forget(record),
    });
    volumes.addEventHandler({
      onAdd: (record, volume) => this.#onVolume(record, volume),
      onUpdate: (record, _old, volume) => this.#onVolume(record, volume),
      onDelete: (record) => this.#forget(record),
    });
    kernel.keep("controller/volume-provisioner", this);
  }

  /**
   * Starts the workers: once the informers have synced. Claims that were listed before their class
   * are looked at again.
   */
  run(): void {
    const { claims } = this.#stores;
    for (const record of claims.keys()) {
      const claim = claims.get(record);
      if (claim !== undefined) this.#onClaim(record, claim);
    }
    this.#reconciler.run();
  }

  #onClaim(record: KeyRecord, claim: PersistentVolumeClaim): void {
    if (this.#mustProvision(claim)) this.#reconciler.enqueue(record);
  }

  #onVolume(record: KeyRecord, volume: PersistentVolume): void {
    if (mustDelete(volume)) this.#reconciler.enqueue(record);
  }

  #forget(record: KeyRecord): void {
    this.state.due.delete(record);
    this.#reconciler.forget(record);
  }

  /** shouldProvision */
  #mustProvision(claim: PersistentVolumeClaim): boolean {
    const { annotations = {} } = claim.metadata;
    if ((claim.spec.volumeName ?? "") !== "" || annotations[BIND_COMPLETED] !== undefined)
      return false;
    const storageClass = byName(this.#stores.storageClasses, claimClass(claim));
    if (storageClass === undefined) return false;
    if (annotations[STORAGE_PROVISIONER] !== storageClass.provisioner) return false;
    const isDelayed = storageClass.volumeBindingMode === "WaitForFirstConsumer";
    return !isDelayed || (annotations[SELECTED_NODE] ?? "") !== "";
  }

  #run(work: SyncWork): string {
    if (work.stage !== "start") return "done";
    return work.record.kind === "PersistentVolume" ? this.#delete(work) : this.#provision(work);
  }

  #provision(work: SyncWork): string {
    const record = work.record as KeyRecord<PersistentVolumeClaim>;
    const claim = this.#stores.claims.get(record);
    if (claim === undefined || !this.#mustProvision(claim)) {
      this.state.due.delete(record);
      return "done";
    }
    if (!this.#isReady(record)) return "done";
    const storageClass = byName(this.#stores.storageClasses, claimClass(claim));
    if (storageClass === undefined) return "done";
    const manifest = volumeFor(claim, storageClass, this.#affinity(claim, storageClass));
    this.#reconciler.create(work, "PersistentVolume", manifest, "create");
    return "answered";
  }

  #delete(work: SyncWork): string {
    const record = work.record as KeyRecord<PersistentVolume>;
    const volume = this.#stores.volumes.get(record);
    if (volume === undefined || !mustDelete(volume) || !this.#isReady(record)) return "done";
    this.#reconciler.delete(work, record, "delete");
    return "answered";
  }

  /** The driver has done its part; the first question starts it. */
  #isReady(record: KeyRecord): boolean {
    const { nowUs } = this.#kernel;
    let dueUs = this.state.due.get(record);
    if (dueUs === undefined) {
      dueUs = nowUs + this.#latency.us(record.hash, record.commitCount);
      this.state.due.set(record, dueUs);
    }
    if (nowUs >= dueUs) return true;
    this.#reconciler.enqueueAfter(record, dueUs - nowUs);
    return false;
  }

  /** A volume that is there already, or gone already, is as good. */
  #onAnswer(work: SyncWork, call: ApiCall): void {
    if (!call.ok && call.code !== 409 && call.code !== 404) work.error = call.message;
    else this.state.due.delete(work.record);
  }

  #affinity(
    claim: PersistentVolumeClaim,
    { provisioner, allowedTopologies = [] }: StorageClass,
  ): core.VolumeNodeAffinity | undefined {
    const { csiNodes, nodes } = this.#stores;
    const nodeName = claim.metadata.annotations?.[SELECTED_NODE] ?? "";
    if (nodeName === "") {
      const isAware = csiNodes
        .keys()
        .some((record) => topologyKeys(csiNodes.get(record), provisioner).length > 0);
      return isAware ? fromTopologies(allowedTopologies) : undefined;
    }
    const labels = byName(nodes, nodeName)?.metadata.labels ?? {};
    const keys = topologyKeys(byName(csiNodes, nodeName), provisioner);
    const matchExpressions = keys.flatMap((key) => {
      const value = labels[key];
      return value === undefined ? [] : [{ key, operator: "In", values: [value] }];
    });
    if (matchExpressions.length === 0) return undefined;
    return { required: { nodeSelectorTerms: [{ matchExpressions }] } };
  }
}

function byName<T extends Node | CSINode | StorageClass>(
  indexer: Indexer<T>,
  name: string,
): T | undefined {
  const record = indexer.byIndex(BY_NAME, name)[0];
  return record === undefined ? undefined : indexer.get(record);
}

function topologyKeys(csiNode: CSINode | undefined, driver: string): readonly string[] {
  return csiNode?.spec.drivers.find(({ name }) => name === driver)?.topologyKeys ?? [];
}

function fromTopologies(
  topologies: readonly core.TopologySelectorTerm[],
): core.VolumeNodeAffinity | undefined {
  if (topologies.length === 0) return undefined;
  const nodeSelectorTerms = topologies.map(({ matchLabelExpressions = [] }) => ({
    matchExpressions: matchLabelExpressions.map(({ key, values }) => ({
      key,
      operator: "In",
      values: [...values],
    })),
  }));
  return { required: { nodeSelectorTerms } };
}

/** shouldDelete: the volume is released, and was made by a provisioner. */
function mustDelete({ metadata, spec, status }: PersistentVolume): boolean {
  return (
    status.phase === "Released" &&
    spec.persistentVolumeReclaimPolicy === "Delete" &&
    metadata.annotations?.[PROVISIONED_BY] !== undefined
  );
}

function volumeFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  nodeAffinity: core.VolumeNodeAffinity | undefined,
): Manifest {
  const name = `pvc-${claim.metadata.uid}`;
  const { provisioner, reclaimPolicy, mountOptions } = storageClass;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { [PROVISIONED_BY]: provisioner } },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage: requestedStorage(claim) },
      claimRef: claimReference(claim),
      csi: { driver: provisioner, volumeHandle: name },
      persistentVolumeReclaimPolicy: reclaimPolicy ?? "Delete",
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec.volumeMode,
      ...(mountOptions === undefined ? {} : { mountOptions }),
      ...(nodeAffinity === undefined ? {} : { nodeAffinity }),
    },
  };
}
