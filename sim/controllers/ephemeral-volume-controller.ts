/**
 * EphemeralVolumeController: creates the claims of pods' generic ephemeral volumes, owned by the
 * pod, so that the garbage collector deletes them with it.
 *
 * Source: pkg/controller/volume/ephemeral/controller.go of v1.30.
 */
import {
  controllerRef,
  type core,
  ephemeralClaimName,
  isClaimForPod,
  type KeyRecord,
  type Manifest,
  type PersistentVolumeClaim,
  type Pod,
} from "../api/index.ts";
import type { ApiCall, Indexer } from "../client/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { isPodTerminal, isTerminating } from "./pod-state.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** --concurrent-ephemeralvolume-syncs. */
const WORKERS = 5;
const BY_KEY = "ephemeral-key";

export class EphemeralVolumeController implements Controller {
  readonly #pods: Indexer<Pod>;
  readonly #claims: Indexer<PersistentVolumeClaim>;
  readonly #reconciler: Reconciler<SyncWork, undefined>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("ephemeral-volume-controller");
    const pods = context.informer<Pod>("Pod");
    const claims = context.informer<PersistentVolumeClaim>("PersistentVolumeClaim");
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
    const claimKey = ({ metadata }: PersistentVolumeClaim): string =>
      `${metadata.namespace}/${metadata.name}`;
    this.#claims.addIndex(BY_KEY, claimKey, "names");
    pods.addEventHandler({
      onAdd: (record, pod) => this.#onPod(record, pod),
      onDelete: (record) => this.#reconciler.forget(record),
    });
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #onPod(record: KeyRecord<Pod>, pod: Pod): void {
    if (hasEphemeral(pod)) this.#reconciler.enqueue(record);
  }

  #run(work: SyncWork): string {
    if (work.stage !== "start") return "done";
    const record = work.record as KeyRecord<Pod>;
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
