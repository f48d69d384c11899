/**
 * DeploymentEvents: which changes of Deployments, ReplicaSets and pods make the controller sync
 * which Deployment. Source: the event handlers in
 * pkg/controller/deployment/deployment_controller.go of v1.30.
 */
import {
  compileLabelSelector,
  controllerOf,
  type Deployment,
  type KeyRecord,
  type Pod,
  type ReplicaSet,
} from "../api/index.ts";
import type { Indexer, SharedInformer } from "../client/index.ts";
import { ownersSelecting, ownsSome, resolveController } from "./ownership.ts";

export interface DeploymentEventsWiring {
  readonly deployments: SharedInformer<Deployment>;
  readonly replicaSets: SharedInformer<ReplicaSet>;
  readonly pods: SharedInformer<Pod>;
  readonly reconciler: { enqueue(record: KeyRecord): void };
}

export class DeploymentEvents {
  readonly #deployments: Indexer<Deployment>;
  readonly #sets: Indexer<ReplicaSet>;
  readonly #pods: Indexer<Pod>;
  readonly #reconciler: DeploymentEventsWiring["reconciler"];

  constructor({ deployments, replicaSets, pods, reconciler }: DeploymentEventsWiring) {
    this.#deployments = deployments.indexer;
    this.#sets = replicaSets.indexer;
    this.#pods = pods.indexer;
    this.#reconciler = reconciler;
    deployments.addEventHandler({
      onAdd: (record) => reconciler.enqueue(record),
      onUpdate: (record) => reconciler.enqueue(record),
      onDelete: (record) => reconciler.enqueue(record),
    });
    replicaSets.addEventHandler({
      onAdd: (_record, set) => this.#onSetChanged(undefined, set),
      onUpdate: (_record, old, set) => this.#onSetChanged(old, set),
      onDelete: (_record, last) => this.#enqueueController(last),
    });
    pods.addEventHandler({ onDelete: (_record, last) => this.#onPodDeleted(last) });
  }

  #onSetChanged(old: ReplicaSet | undefined, set: ReplicaSet): void {
    const owner = controllerOf(set);
    if (old !== undefined && controllerOf(old)?.uid !== owner?.uid) this.#enqueueController(old);
    if (owner !== undefined) return this.#enqueueController(set);
    const { labels = {} } = set.metadata;
    const selects = ({ spec }: Deployment): boolean =>
      compileLabelSelector(spec.selector).matches(labels);
    for (const deployment of ownersSelecting(this.#deployments, set.metadata, selects)) {
      this.#reconciler.enqueue(deployment);
    }
  }

  #enqueueController(set: ReplicaSet): void {
    const deployment = resolveController(this.#deployments, "Deployment", set);
    if (deployment !== undefined) this.#reconciler.enqueue(deployment);
  }

  /** A Deployment that is recreated goes on when its last old pod is gone. */
  #onPodDeleted(pod: Pod): void {
    const setKey = resolveController(this.#sets, "ReplicaSet", pod);
    const set = setKey && this.#sets.get(setKey);
    const key = set && resolveController(this.#deployments, "Deployment", set);
    const deployment = key && this.#deployments.get(key);
    if (deployment?.spec.strategy?.type !== "Recreate" || key === undefined) return;
    const hasPods = ownsSome(this.#sets, deployment.metadata.uid, (sibling) =>
      ownsSome(this.#pods, sibling.metadata.uid),
    );
    if (!hasPods) this.#reconciler.enqueue(key);
  }
}
