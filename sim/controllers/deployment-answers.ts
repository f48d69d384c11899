/**
 * DeploymentAnswers: what the answers to a Deployment sync's calls change in the sync, and the
 * Events that tell of them. Source: pkg/controller/deployment/sync.go of v1.30.
 */
import { controllerOf, type Deployment, type KeyRecord, type ReplicaSet } from "../api/index.ts";
import type { ApiCall, EventRecorder, Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import { FAILED_CREATE, failureNoted } from "./deployment-notes.ts";
import type { DeploymentCall, DeploymentSync } from "./deployment-sync.ts";
import { isNamespaceTerminating } from "./namespace-terminating.ts";
import { desiredReplicas, templateText } from "./replica-set-order.ts";

export interface DeploymentAnswersWiring {
  readonly kernel: Kernel;
  readonly sets: Indexer<ReplicaSet>;
  readonly recorder: EventRecorder;
  /** Writes what is noted on the Deployment. */
  readonly note: (work: DeploymentSync, noted: Deployment, call: DeploymentCall) => void;
}

export class DeploymentAnswers {
  readonly #wiring: DeploymentAnswersWiring;

  constructor(wiring: DeploymentAnswersWiring) {
    this.#wiring = wiring;
  }

  handle(work: DeploymentSync, call: ApiCall, item: DeploymentCall): void {
    const set = call.object as ReplicaSet | undefined;
    if (item === "create") return this.#onCreated(work, call);
    if (item === "check") return onChecked(work, call);
    if (item === "failure") return; // there is a bigger issue to report
    if (!call.ok) {
      const isGone = call.code === 404;
      if (!isGone || !(item === "adopt" || item === "release" || item === "cleanup"))
        work.error = call.message;
      return;
    }
    if (set === undefined) return;
    if (item === "rollback") return this.#tellRollback(work);
    if (item === "adopt") work.keep(call.record as KeyRecord<ReplicaSet>, set);
    if (item === "annotate") work.newSet = set;
    if (item === "resize") this.#tellResized(work, set);
    // A set may be resized twice in one step: the second change builds on the first.
    if (item === "annotate" || item === "resize")
      work.sets = work.sets.map((each) => (each.metadata.uid === set.metadata.uid ? set : each));
  }

  #onCreated(work: DeploymentSync, call: ApiCall): void {
    const { deployment } = work;
    const key = call.record as KeyRecord<ReplicaSet>;
    if (deployment === undefined) return;
    if (call.ok) {
      const set = call.object as ReplicaSet;
      work.hasCreated = true;
      work.newSet = set;
      if (desiredReplicas(set) > 0) {
        const text = `Scaled up replica set ${set.metadata.name} to ${desiredReplicas(set)}`;
        this.#wiring.recorder.event(deployment, "Normal", "ScalingReplicaSet", text);
      }
      return work.keep(key, set);
    }
    work.error = call.message;
    if (call.reason === "AlreadyExists") this.#onNameTaken(work, deployment, key);
    else if (!isNamespaceTerminating(call)) this.#onCreateFailed(work, deployment, call);
  }

  #onCreateFailed(
    work: DeploymentSync,
    deployment: Deployment,
    { record, message }: ApiCall,
  ): void {
    const text = `Failed to create new replica set "${record?.name}": ${message}`;
    const noted = failureNoted(deployment, text, this.#wiring.kernel.nowUs);
    if (noted !== deployment) this.#wiring.note(work, noted, "failure");
    this.#wiring.recorder.event(deployment, "Warning", FAILED_CREATE, text);
  }

  /** The set's name is taken: by itself, which the informer shows late, or by another. */
  #onNameTaken(work: DeploymentSync, deployment: Deployment, key: KeyRecord<ReplicaSet>): void {
    const known = this.#wiring.sets.get(key);
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
    const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
    this.#wiring.note(
      work,
      { ...deployment, status: { ...deployment.status, collisionCount } },
      "collision",
    );
  }

  /** `set` as it is now; the sync still has it as it was. */
  #tellResized(work: DeploymentSync, set: ReplicaSet): void {
    const { deployment } = work;
    const before = work.sets.find(({ metadata }) => metadata.uid === set.metadata.uid);
    if (deployment === undefined || before === undefined) return;
    const [from, to] = [desiredReplicas(before), desiredReplicas(set)];
    if (from === to) return;
    const direction = from < to ? "up" : "down";
    const text = `Scaled ${direction} replica set ${set.metadata.name} to ${to} from ${from}`;
    this.#wiring.recorder.event(deployment, "Normal", "ScalingReplicaSet", text);
  }

  #tellRollback({ deployment, rollback }: DeploymentSync): void {
    if (deployment === undefined || rollback === undefined) return;
    this.#wiring.recorder.event(deployment, rollback.type, rollback.reason, rollback.message);
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
