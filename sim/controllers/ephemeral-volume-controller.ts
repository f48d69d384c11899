/**
 * EphemeralVolumeController: creates the claims of pods' generic ephemeral volumes, owned by the
 * pod, and deletes them with it; the deletion is the garbage collector's part in a real cluster.
 *
 * Source: pkg/controller/volume/ephemeral/controller.go of v1.30.
 */
import {
  controllerOf,
  controllerRef,
  type core,
  ephemeralClaimName,
  isClaimForPod,
  type KeyRecord,
  type Manifest,
  type PersistentVolumeClaim,
  type Pod,
} from "../api/index.ts";
import type { ApiCall, ApiClient, Indexer, SharedInformer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import { isPodTerminal, isTerminating } from "./pod-state.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** --concurrent-ephemeralvolume-syncs. */
const WORKERS = 5;
const BY_KEY = "ephemeral-key";
const BY_OWNER = "ephemeral-owner";

export interface EphemeralVolumeControllerSettings {
  readonly kernel: Kernel;
  readonly client: ApiClient;
  readonly pods: SharedInformer<Pod>;
  readonly claims: SharedInformer<PersistentVolumeClaim>;
  readonly controllerSync: string;
}

export class EphemeralVolumeController {
  /** Uids of deleted pods whose claims must go, by the pod's key. */
  state: { readonly deleted: Map<KeyRecord, string> } = { deleted: new Map() };
  readonly #pods: Indexer<Pod>;
  readonly #claims: Indexer<PersistentVolumeClaim>;
  readonly #reconciler: Reconciler<SyncWork, undefined>;

  constructor(settings: EphemeralVolumeControllerSettings) {
    const { kernel, client, pods, claims, controllerSync } = settings;
    this.#pods = pods.indexer;
    this.#claims = claims.indexer;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "ephemeral-volume", workers: WORKERS, controllerSync },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#run(work),
        answered: (work, call) => onAnswer(work, call),
      },
    );
    this.#claims.addIndex(BY_KEY, ({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    this.#claims.addIndex(BY_OWNER, (claim) => {
      const owner = controllerOf(claim);
      return owner?.kind === "Pod" ? owner.uid : undefined;
    });
    pods.addEventHandler({
      onAdd: (record, pod) => this.#onPod(record, pod),
      onDelete: (record, pod) => this.#onPodDeleted(record, pod),
    });
    kernel.keep("controller/ephemeral-volume", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #onPod(record: KeyRecord<Pod>, pod: Pod): void {
    if (hasEphemeral(pod)) this.#reconciler.enqueue(record);
  }

  #onPodDeleted(record: KeyRecord<Pod>, pod: Pod): void {
    if (!hasEphemeral(pod)) return;
    this.#reconciler.forget(record);
    this.state.deleted.set(record, pod.metadata.uid);
    this.#reconciler.enqueue(record);
  }

  #run(work: SyncWork): string {
    if (work.stage !== "start") return "done";
    const record = work.record as KeyRecord<Pod>;
    const uid = this.state.deleted.get(record);
    if (uid !== undefined) {
      for (const claim of this.#claims.byIndex(BY_OWNER, uid)) {
        this.#reconciler.delete(work, claim, undefined);
      }
      this.state.deleted.delete(record);
    }
    const pod = this.#pods.get(record);
    if (pod !== undefined && !isTerminating(pod) && !isPodTerminal(pod)) this.#create(work, pod);
    return "answered";
  }

  #create(work: SyncWork, pod: Pod): void {
    const { namespace, name: podName } = pod.metadata;
    for (const { name, ephemeral } of pod.spec.volumes ?? []) {
      if (ephemeral === undefined) continue;
      const claimName = ephemeralClaimName(podName, name);
      const record = this.#claims.byIndex(BY_KEY, `${namespace}/${claimName}`)[0];
      const claim = record === undefined ? undefined : this.#claims.get(record);
      if (claim === undefined) {
        const manifest = claimFor(pod, claimName, ephemeral.volumeClaimTemplate);
        this.#reconciler.create(work, "PersistentVolumeClaim", manifest, undefined);
      } else if (!isClaimForPod(pod, claim)) {
        work.error = `PVC ${namespace}/${claimName} was not created for pod ${namespace}/${podName} (pod is not owner)`;
      }
    }
  }
}

function onAnswer(work: SyncWork, call: ApiCall): void {
  if (!call.ok && call.code !== 404) work.error = call.message;
}

function hasEphemeral({ spec }: Pod): boolean {
  const { volumes } = spec;
  return volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true;
}

function claimFor(
  pod: Pod,
  name: string,
  template: core.PersistentVolumeClaimTemplate | undefined,
): Manifest {
  const { labels, annotations } = template?.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      namespace: pod.metadata.namespace,
      name,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerRef(pod)],
    },
    spec: template?.spec ?? {},
  };
}
