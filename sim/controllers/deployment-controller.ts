/**
 * DeploymentController: rolls a pod template out over ReplicaSets.
 *
 *   start -> adopt -> claimed -> newSet -> revision -> rollout -> resize ... -> finish -> status
 *
 * Source: pkg/controller/deployment/deployment_controller.go of v1.30. Progress deadline and
 * rollback are not modelled.
 */
import {
  compileLabelSelector,
  controllerOf,
  type Deployment,
  type KeyRecord,
  type Pod,
  type ReplicaSet,
} from "../api/index.ts";
import type { ApiCall, ApiClient, Indexer, SharedInformer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import { pausePatch, revisionPatch } from "./deployment-notes.ts";
import {
  newReplicaSet,
  newSetAnnotations,
  nextRevision,
  outdatedSets,
  resized,
} from "./deployment-revision.ts";
import { activeSets, isScalingEvent, rollingSteps, scaleSteps } from "./deployment-rollout.ts";
import { deploymentStatus, isComplete, rolloutStatus } from "./deployment-status.ts";
import { type DeploymentCall, DeploymentSync } from "./deployment-sync.ts";
import {
  adoptionPatch,
  claim,
  ownedBy,
  ownersSelecting,
  releasePatch,
  resolveController,
} from "./ownership.ts";
import { isPodTerminal } from "./pod-state.ts";
import { Reconciler } from "./reconciler.ts";
import { compareOldest, findNewSet, templateText } from "./replica-set-order.ts";

/** kube-controller-manager --concurrent-deployment-syncs. */
const WORKERS = 5;

export interface DeploymentControllerSettings {
  readonly kernel: Kernel;
  readonly client: ApiClient;
  readonly deployments: SharedInformer<Deployment>;
  readonly replicaSets: SharedInformer<ReplicaSet>;
  readonly pods: SharedInformer<Pod>;
  readonly controllerSync: string;
}

export class DeploymentController {
  readonly #kernel: Kernel;
  readonly #deployments: Indexer<Deployment>;
  readonly #sets: Indexer<ReplicaSet>;
  readonly #pods: Indexer<Pod>;
  readonly #reconciler: Reconciler<DeploymentSync, DeploymentCall>;

  constructor(settings: DeploymentControllerSettings) {
    const { kernel, client, deployments, replicaSets, pods, controllerSync } = settings;
    this.#kernel = kernel;
    this.#deployments = deployments.indexer;
    this.#sets = replicaSets.indexer;
    this.#pods = pods.indexer;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "deployment", workers: WORKERS, controllerSync },
      {
        begin: (record) => new DeploymentSync(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => this.#onAnswer(work, call, item),
      },
    );
    deployments.addEventHandler({
      onAdd: (record) => this.#reconciler.enqueue(record),
      onUpdate: (record) => this.#reconciler.enqueue(record),
      onDelete: (record) => this.#reconciler.enqueue(record),
    });
    replicaSets.addEventHandler({
      onAdd: (_record, set) => this.#onSetChanged(undefined, set),
      onUpdate: (_record, old, set) => this.#onSetChanged(old, set),
      onDelete: (_record, last) => this.#enqueueController(last),
    });
    pods.addEventHandler({ onDelete: (_record, last) => this.#onPodDeleted(last) });
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
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
    const hasPods = ownedBy(this.#sets, deployment.metadata.uid).some((each) => {
      const sibling = this.#sets.get(each);
      return sibling !== undefined && ownedBy(this.#pods, sibling.metadata.uid).length > 0;
    });
    if (!hasPods) this.#reconciler.enqueue(key);
  }

  #run(work: DeploymentSync): string {
    const { deployment } = work;
    if (work.stage === "start") return this.#start(work);
    // As the real controller does, a failed call ends the sync: the rest waits for the next.
    if (deployment === undefined || work.error !== "") return "done";
    switch (work.stage) {
      case "adopt":
        return this.#adopt(work, deployment);
      case "claimed":
        return this.#plan(work, deployment);
      case "newSet":
        return this.#provideNewSet(work, deployment);
      case "revision":
        return this.#recordRevision(work, deployment);
      case "rollout":
        return this.#rollOut(work, deployment);
      case "resize":
        return this.#resize(work, deployment);
      case "finish":
        return this.#cleanUp(work, deployment);
      case "status":
        return this.#updateStatus(work, deployment);
      default:
        throw new Error(`deployment: unknown stage "${work.stage}"`);
    }
  }

  #start(work: DeploymentSync): string {
    const deployment = this.#deployments.get(work.record as KeyRecord<Deployment>);
    if (deployment === undefined) {
      this.#reconciler.forget(work.record);
      return "done";
    }
    work.deployment = deployment;
    const selector = compileLabelSelector(deployment.spec.selector);
    const claims = claim(this.#sets, deployment, selector, () => true);
    for (const key of claims.kept) {
      const set = this.#sets.get(key);
      if (set !== undefined) work.keep(key, set);
    }
    work.sets.sort(compareOldest);
    work.orphans = claims.orphans;
    work.released = claims.released;
    if (work.orphans.length > 0) this.#reconciler.get(work, work.record, "check");
    return "adopt";
  }

  #adopt(work: DeploymentSync, deployment: Deployment): string {
    for (const key of work.released) {
      const set = this.#sets.get(key);
      if (set === undefined) continue;
      this.#reconciler.patch(work, key, releasePatch(deployment, set), "", "release");
    }
    for (const key of work.orphans) {
      const set = this.#sets.get(key);
      if (set === undefined) continue;
      this.#reconciler.patch(work, key, adoptionPatch(deployment, set), "", "adopt");
    }
    return "claimed";
  }

  /** What this sync is for; a pause, or its end, is noted first. */
  #plan(work: DeploymentSync, deployment: Deployment): string {
    const { metadata, spec } = deployment;
    if (metadata.deletionTimestamp !== undefined) work.purpose = "status";
    else if (spec.paused === true || isScalingEvent(deployment, work.sets)) work.purpose = "scale";
    else work.purpose = spec.strategy?.type === "Recreate" ? "recreate" : "rolling";
    work.mayCreate = work.purpose === "rolling";
    const patch =
      work.purpose === "status" ? undefined : pausePatch(deployment, this.#kernel.nowUs);
    if (patch !== undefined) this.#reconciler.patch(work, work.record, patch, "status", "pause");
    return "newSet";
  }

  /** getNewReplicaSet: finds the set of the template and keeps it annotated, or makes it. */
  #provideNewSet(work: DeploymentSync, deployment: Deployment): string {
    const found = findNewSet(deployment.spec.template, work.sets);
    work.newSet = found;
    work.old = work.sets.filter((set) => set !== found);
    if (work.purpose === "status") return "status";
    if (found === undefined) {
      if (!work.mayCreate) return "rollout";
      const manifest = newReplicaSet(deployment, work.old);
      this.#reconciler.create(work, "ReplicaSet", manifest, "create");
      return "revision";
    }
    const current = found.metadata.annotations ?? {};
    const annotations = newSetAnnotations(deployment, current, nextRevision(work.old));
    const { minReadySeconds = 0 } = deployment.spec;
    const isReadyAlike = (found.spec.minReadySeconds ?? 0) === minReadySeconds;
    if (annotations !== current || !isReadyAlike) {
      const next: ReplicaSet = {
        ...found,
        metadata: { ...found.metadata, annotations },
        spec: isReadyAlike ? found.spec : { ...found.spec, minReadySeconds },
      };
      this.#reconciler.update(work, this.#keyOf(work, found), next, "", "annotate");
    }
    return "revision";
  }

  /** The Deployment carries its new set's revision, and says once that it found or made the set. */
  #recordRevision(work: DeploymentSync, deployment: Deployment): string {
    const { newSet, hasCreated, record } = work;
    const patch = newSet && revisionPatch(deployment, newSet, hasCreated, this.#kernel.nowUs);
    if (patch !== undefined) this.#reconciler.patch(work, record, patch, "status", "revision");
    return "rollout";
  }

  #rollOut(work: DeploymentSync, deployment: Deployment): string {
    const { newSet, old } = work;
    if (work.purpose === "scale") work.resizes = scaleSteps(deployment, newSet, old);
    else if (work.purpose === "recreate") return this.#recreate(work, deployment);
    else if (newSet !== undefined) work.resizes = rollingSteps(deployment, newSet, old);
    work.hasStepped = work.resizes.length > 0;
    return "resize";
  }

  /** Recreate: all old pods go, and are gone, before the first new one is made. */
  #recreate(work: DeploymentSync, deployment: Deployment): string {
    const { newSet, old } = work;
    const active = activeSets(old);
    if (active.length > 0) {
      work.resizes = active.map((set) => ({ set, replicas: 0 }));
      work.hasStepped = true;
      return "resize";
    }
    if (this.#hasRunningPods(old)) {
      work.hasStepped = true;
      return "finish";
    }
    if (newSet === undefined) {
      work.mayCreate = true;
      return "newSet";
    }
    const { replicas = 1 } = deployment.spec;
    if (newSet.spec.replicas !== replicas) work.resizes = [{ set: newSet, replicas }];
    return "resize";
  }

  #hasRunningPods(sets: readonly ReplicaSet[]): boolean {
    return sets.some(
      ({ status, metadata }) =>
        status.replicas > 0 ||
        ownedBy(this.#pods, metadata.uid).some((key) => {
          const pod = this.#pods.get(key);
          return pod !== undefined && !isPodTerminal(pod);
        }),
    );
  }

  /** One change of size after the other. */
  #resize(work: DeploymentSync, deployment: Deployment): string {
    for (let next = work.resizes.shift(); next !== undefined; next = work.resizes.shift()) {
      const key = this.#keyOf(work, next.set);
      const current = work.sets.find(({ metadata }) => metadata.uid === next.set.metadata.uid);
      const set = current ?? next.set;
      const changed = resized(deployment, set, next.replicas);
      if (changed === set) continue;
      this.#reconciler.update(work, key, changed, "", "resize");
      return "resize";
    }
    return "finish";
  }

  #cleanUp(work: DeploymentSync, deployment: Deployment): string {
    const isDue =
      work.purpose === "scale"
        ? deployment.spec.paused === true
        : !work.hasStepped && isComplete(deployment, deployment.status);
    if (!isDue) return "status";
    for (const set of outdatedSets(deployment, work.old)) {
      this.#reconciler.delete(work, this.#keyOf(work, set), "cleanup");
    }
    return "status";
  }

  #updateStatus(work: DeploymentSync, deployment: Deployment): string {
    const { newSet, purpose, all } = work;
    const { nowUs } = this.#kernel;
    const isRollout = purpose === "rolling" || purpose === "recreate";
    const status = (isRollout ? rolloutStatus : deploymentStatus)(deployment, all, newSet, nowUs);
    if (isSame(status, deployment.status)) return "done";
    const next: Deployment = { ...deployment, status };
    this.#reconciler.update(work, work.record, next, "status", "status");
    return "done";
  }

  #keyOf(work: DeploymentSync, { metadata }: ReplicaSet): KeyRecord<ReplicaSet> {
    const key = work.keys.get(metadata.uid);
    if (key === undefined) throw new Error(`no key of ReplicaSet ${metadata.name}`);
    return key;
  }

  #onAnswer(work: DeploymentSync, call: ApiCall, item: DeploymentCall): void {
    const set = call.object as ReplicaSet | undefined;
    if (item === "create") return this.#onCreated(work, call);
    if (item === "check") return onChecked(work, call);
    if (!call.ok) {
      const isGone = call.code === 404;
      if (!isGone || !(item === "adopt" || item === "release" || item === "cleanup"))
        work.error = call.message;
      return;
    }
    if (set === undefined) return;
    if (item === "adopt") work.keep(call.record as KeyRecord<ReplicaSet>, set);
    if (item === "annotate") work.newSet = set;
    // A set may be resized twice in one step: the second change builds on the first.
    if (item === "annotate" || item === "resize")
      work.sets = work.sets.map((each) => (each.metadata.uid === set.metadata.uid ? set : each));
  }

  #onCreated(work: DeploymentSync, call: ApiCall): void {
    const { deployment } = work;
    const key = call.record as KeyRecord<ReplicaSet>;
    if (deployment === undefined) return;
    if (call.ok) {
      work.hasCreated = true;
      work.newSet = call.object as ReplicaSet;
      return work.keep(key, work.newSet);
    }
    work.error = call.message;
    if (call.reason !== "AlreadyExists") return;
    const known = this.#sets.get(key);
    if (known === undefined) return;
    const isOurs =
      controllerOf(known)?.uid === deployment.metadata.uid &&
      templateText(known.spec.template ?? {}) === templateText(deployment.spec.template);
    if (isOurs) {
      work.error = "";
      work.newSet = known;
      return work.keep(key, known);
    }
    // Another set has the name: a changed hash gives another name at the next try.
    const { uid, resourceVersion } = deployment.metadata;
    const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
    const patch = { metadata: { uid, resourceVersion }, status: { collisionCount } };
    this.#reconciler.patch(work, work.record, patch, "status", "collision");
  }
}

/** Before an adoption the Deployment is read from the API server: it may have been deleted. */
function onChecked(work: DeploymentSync, call: ApiCall): void {
  const { metadata } = call.object ?? {};
  if (!call.ok || metadata === undefined) work.error = call.message;
  else if (metadata.uid !== work.deployment?.metadata.uid)
    work.error = `original Deployment ${work.record.key} is gone`;
  else if (metadata.deletionTimestamp !== undefined)
    work.error = `${work.record.key} has just been deleted`;
}

/** Both statuses are made by the same function, in one order of fields, but the first. */
function isSame(a: Deployment["status"], b: Deployment["status"]): boolean {
  const fields = Object.keys(a) as (keyof Deployment["status"])[];
  return fields.every((field) => JSON.stringify(a[field]) === JSON.stringify(b[field]));
}
