/**
 * DeploymentController: rolls a pod template out over ReplicaSets.
 *
 *   start -> adopt -> claimed -> newSet -> revision -> rollout -> resize ... -> finish -> status
 *
 * Source: pkg/controller/deployment/deployment_controller.go of v1.30.
 */
import {
  compileLabelSelector,
  type Deployment,
  type KeyRecord,
  type Pod,
  type ReplicaSet,
} from "../api/index.ts";
import type { Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { DeploymentAnswers } from "./deployment-answers.ts";
import { DeploymentEvents } from "./deployment-events.ts";
import { pauseNoted, revisionNoted } from "./deployment-notes.ts";
import {
  newReplicaSet,
  newSetAnnotations,
  nextRevision,
  outdatedSets,
  resized,
} from "./deployment-revision.ts";
import { rollbackRevision, rolledBack } from "./deployment-rollback.ts";
import { activeSets, isScalingEvent, rollingSteps, scaleSteps } from "./deployment-rollout.ts";
import {
  deadlineCheckUs,
  deploymentStatus,
  isComplete,
  rolloutStatus,
} from "./deployment-status.ts";
import { type DeploymentCall, DeploymentSync } from "./deployment-sync.ts";
import { adoptionPatch, claim, ownsSome, releasePatch } from "./ownership.ts";
import { isPodTerminal } from "./pod-state.ts";
import { Reconciler } from "./reconciler.ts";
import { compareOldest, findNewSet } from "./replica-set-order.ts";

/** kube-controller-manager --concurrent-deployment-syncs. */
const WORKERS = 5;

export class DeploymentController implements Controller {
  readonly #kernel: Kernel;
  readonly #deployments: Indexer<Deployment>;
  readonly #sets: Indexer<ReplicaSet>;
  readonly #pods: Indexer<Pod>;
  readonly #reconciler: Reconciler<DeploymentSync, DeploymentCall>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("deployment-controller");
    const deployments = context.informer<Deployment>("Deployment");
    const replicaSets = context.informer<ReplicaSet>("ReplicaSet");
    const pods = context.informer<Pod>("Pod");
    this.#kernel = kernel;
    this.#deployments = deployments.indexer;
    this.#sets = replicaSets.indexer;
    this.#pods = pods.indexer;
    const answers = new DeploymentAnswers({
      kernel,
      sets: replicaSets.indexer,
      recorder: context.events(client, "deployment-controller"),
      note: (work, noted, call) => this.#note(work, noted, call),
    });
    this.#reconciler = new Reconciler(
      { kernel, client, name: "deployment", workers: WORKERS, controllerSync },
      {
        begin: (record) => new DeploymentSync(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => answers.handle(work, call, item),
      },
    );
    new DeploymentEvents({ deployments, replicaSets, pods, reconciler: this.#reconciler });
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
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
    const isPaused = spec.paused === true;
    if (metadata.deletionTimestamp !== undefined) work.purpose = "status";
    else if (isPaused) work.purpose = "scale";
    else if (rollbackRevision(deployment) !== undefined) work.purpose = "rollback";
    else if (isScalingEvent(deployment, work.sets)) work.purpose = "scale";
    else work.purpose = spec.strategy?.type === "Recreate" ? "recreate" : "rolling";
    work.mayCreate = work.purpose === "rolling" || work.purpose === "rollback";
    const noted =
      work.purpose === "status" ? undefined : pauseNoted(deployment, this.#kernel.nowUs);
    if (noted !== undefined) this.#note(work, noted, "pause");
    return "newSet";
  }

  /**
   * Writes what is noted on the Deployment. The sync goes on with the note but with the old
   * resourceVersion, as the real one does: what it writes after that meets a conflict, and the next
   * sync gets it right.
   */
  #note(work: DeploymentSync, noted: Deployment, call: DeploymentCall): void {
    work.deployment = noted;
    this.#reconciler.update(work, work.record, noted, "status", call);
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
      return "rollout"; // its revision is noted in the next sync
    }
    return "revision";
  }

  /** The Deployment carries its new set's revision, and says once that it found or made the set. */
  #recordRevision(work: DeploymentSync, deployment: Deployment): string {
    const { newSet, hasCreated } = work;
    if (newSet !== undefined) {
      const noted = revisionNoted(deployment, newSet, hasCreated, this.#kernel.nowUs);
      if (noted !== undefined) this.#note(work, noted, "revision");
    }
    return "rollout";
  }

  #rollOut(work: DeploymentSync, deployment: Deployment): string {
    const { newSet, old } = work;
    if (work.purpose === "rollback") return this.#rollBack(work, deployment);
    if (work.purpose === "scale") work.resizes = scaleSteps(deployment, newSet, old);
    else if (work.purpose === "recreate") return this.#recreate(work, deployment);
    else if (newSet !== undefined) work.resizes = rollingSteps(deployment, newSet, old);
    work.hasStepped = work.resizes.length > 0;
    return "resize";
  }

  /** The Deployment gets an old template back; the next sync rolls it out. */
  #rollBack(work: DeploymentSync, deployment: Deployment): string {
    const rollback = rolledBack(deployment, rollbackRevision(deployment) ?? 0, work.all);
    const { type, reason, message } = rollback;
    work.rollback = { type, reason, message };
    this.#reconciler.update(work, work.record, rollback.deployment, "", "rollback");
    return "done";
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
        status.replicas > 0 || ownsSome(this.#pods, metadata.uid, (pod) => !isPodTerminal(pod)),
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
    const { newSet, purpose, all, record } = work;
    const { nowUs } = this.#kernel;
    const isRollout = purpose === "rolling" || purpose === "recreate";
    const status = (isRollout ? rolloutStatus : deploymentStatus)(deployment, all, newSet, nowUs);
    const isKnown = isSame(status, deployment.status);
    if (!isKnown) {
      const next: Deployment = { ...deployment, status };
      this.#reconciler.update(work, record, next, "status", "status");
    }
    const checkUs = isRollout ? deadlineCheckUs(deployment, status, nowUs) : -1;
    if (checkUs < 0)
      this.#reconciler.cancelAfter(record); // no deadline any more
    else if (isKnown && checkUs === 0) this.#reconciler.enqueueRateLimited(record);
    else if (isKnown) this.#reconciler.enqueueAfter(record, checkUs);
    return "done";
  }

  #keyOf(work: DeploymentSync, { metadata }: ReplicaSet): KeyRecord<ReplicaSet> {
    const key = work.keys.get(metadata.uid);
    if (key === undefined) throw new Error(`no key of ReplicaSet ${metadata.name}`);
    return key;
  }
}

/** Both statuses are made by the same function, in one order of fields, but the first. */
function isSame(a: Deployment["status"], b: Deployment["status"]): boolean {
  const fields = Object.keys(a) as (keyof Deployment["status"])[];
  return fields.every((field) => JSON.stringify(a[field]) === JSON.stringify(b[field]));
}
