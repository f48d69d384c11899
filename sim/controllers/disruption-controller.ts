/**
 * DisruptionController: keeps the status of each PodDisruptionBudget, from which the scheduler and
 * whoever evicts read how many of its pods may go now.
 *
 * Source: pkg/controller/disruption/disruption.go of v1.30. Where several budgets select one pod,
 * each is synced; the real controller takes one of them and warns. Its events, and the clearing of
 * a DisruptionTarget condition whose pod did not end, are not modelled.
 */
import {
  compileLabelSelector,
  controllerOf,
  type Deployment,
  type KeyRecord,
  type Pod,
  type PodDisruptionBudget,
  type ReplicaSet,
} from "../api/index.ts";
import type { Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import {
  budgetStatus,
  countHealthy,
  disruptedPods,
  expectation,
  failedStatus,
  needsScale,
} from "./disruption-budget-status.ts";
import { indexLabelled, ownersSelecting, resolveController, selectLabelled } from "./ownership.ts";
import { isPodReady } from "./pod-state.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** The real one runs one worker. */
const WORKERS = 1;

interface DisruptionControllerState {
  /** Pods that each budget selects. */
  readonly members: Map<KeyRecord<PodDisruptionBudget>, Set<KeyRecord<Pod>>>;
}

/** Replicas of a controller, or why there is no telling. */
type Scale = { readonly uid: string; readonly replicas: number } | { readonly error: string };

export class DisruptionController implements Controller {
  state: DisruptionControllerState = { members: new Map() };
  readonly #kernel: Kernel;
  readonly #pods: Indexer<Pod>;
  readonly #sets: Indexer<ReplicaSet>;
  readonly #deployments: Indexer<Deployment>;
  readonly #budgets: Indexer<PodDisruptionBudget>;
  readonly #reconciler: Reconciler<SyncWork, undefined>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("disruption-controller");
    const pods = context.informer<Pod>("Pod");
    const replicaSets = context.informer<ReplicaSet>("ReplicaSet");
    const deployments = context.informer<Deployment>("Deployment");
    const budgets = context.informer<PodDisruptionBudget>("PodDisruptionBudget");
    this.#kernel = kernel;
    this.#pods = pods.indexer;
    indexLabelled(this.#pods);
    this.#sets = replicaSets.indexer;
    this.#deployments = deployments.indexer;
    this.#budgets = budgets.indexer;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "disruption", workers: WORKERS, controllerSync },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#sync(work),
        answered: (work, call) => {
          if (!call.ok && call.code !== 404) work.error = call.message;
        },
      },
    );
    budgets.addEventHandler({
      onAdd: (record, budget) => this.#onBudget(record, undefined, budget),
      onUpdate: (record, old, budget) => this.#onBudget(record, old, budget),
      onDelete: (record) => this.#onBudgetGone(record),
    });
    pods.addEventHandler({
      onAdd: (record, pod) => this.#onPod(record, undefined, pod),
      onUpdate: (record, old, pod) => this.#onPod(record, old, pod),
      onDelete: (record, last) => this.#onPod(record, last, undefined),
    });
    kernel.keep("controller/disruption", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #onBudget(
    record: KeyRecord<PodDisruptionBudget>,
    old: PodDisruptionBudget | undefined,
    budget: PodDisruptionBudget,
  ): void {
    if (old?.spec.selector !== budget.spec.selector || old === undefined) {
      const { namespace } = budget.metadata;
      const selector = compileLabelSelector(budget.spec.selector);
      const selected = selectLabelled(this.#pods, namespace, selector);
      this.state.members.set(record, new Set(selected));
    }
    this.#reconciler.enqueue(record);
  }

  #onBudgetGone(record: KeyRecord<PodDisruptionBudget>): void {
    this.state.members.delete(record);
    this.#reconciler.enqueue(record);
  }

  /** Tells the budgets that select the pod, or did. */
  #onPod(record: KeyRecord<Pod>, old: Pod | undefined, pod: Pod | undefined): void {
    if (this.#budgets.size === 0) return;
    if (old !== undefined && pod !== undefined && !isRelevant(old, pod)) return;
    const before = old === undefined ? [] : this.#selecting(old);
    const now = pod === undefined ? [] : this.#selecting(pod);
    for (const budget of before) {
      if (!now.includes(budget)) this.state.members.get(budget)?.delete(record);
      this.#reconciler.enqueue(budget);
    }
    for (const budget of now) {
      this.state.members.get(budget)?.add(record);
      this.#reconciler.enqueue(budget);
    }
  }

  #selecting(pod: Pod): KeyRecord<PodDisruptionBudget>[] {
    return ownersSelecting(this.#budgets, pod.metadata, (budget) => selects(budget, pod));
  }

  #sync(work: SyncWork): string {
    const record = work.record as KeyRecord<PodDisruptionBudget>;
    const budget = this.#budgets.get(record);
    if (budget === undefined) {
      this.#reconciler.forget(record);
      return "done";
    }
    const { nowUs } = this.#kernel;
    const pods = this.#podsOf(record);
    const scale = needsScale(budget.spec) ? this.#expectedScale(pods) : 0;
    if (typeof scale === "string") {
      this.#write(work, budget, failedStatus(budget.status, scale, nowUs));
      return "done";
    }
    const disrupted = disruptedPods(budget, pods, nowUs);
    const healthy = countHealthy(pods, disrupted, nowUs);
    const wanted = expectation(budget.spec, pods.length, scale);
    this.#write(work, budget, budgetStatus(budget, wanted, healthy, disrupted, nowUs));
    if (disrupted.recheckUs !== Number.POSITIVE_INFINITY) {
      this.#reconciler.enqueueAfter(record, disrupted.recheckUs - nowUs);
    }
    return "done";
  }

  #write(work: SyncWork, budget: PodDisruptionBudget, status: PodDisruptionBudget["status"]): void {
    if (status === budget.status) return;
    this.#reconciler.update(
      work,
      work.record,
      { ...budget, status } as PodDisruptionBudget,
      "status",
      undefined,
    );
  }

  #podsOf(record: KeyRecord<PodDisruptionBudget>): Pod[] {
    const members = [...(this.state.members.get(record) ?? [])];
    members.sort((a, b) => (a.key < b.key ? -1 : 1));
    return members.flatMap((member) => this.#pods.get(member) ?? []);
  }

  /** Sum of the replicas of the pods' controllers, or why it cannot be told (getExpectedScale). */
  #expectedScale(pods: readonly Pod[]): number | string {
    const replicas = new Map<string, number>();
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined || replicas.has(owner.uid)) continue; // unmanaged pods do not count
      const scale = this.#scaleOf(pod);
      if ("error" in scale) return scale.error;
      replicas.set(scale.uid, scale.replicas);
    }
    let sum = 0;
    for (const count of replicas.values()) sum += count;
    return sum;
  }

  /** The controller that says how many pods there should be: the Deployment of a ReplicaSet if any. */
  #scaleOf(pod: Pod): Scale {
    const owner = controllerOf(pod);
    if (owner?.kind === "Job") {
      return { error: "jobs.batch does not implement the scale subresource" };
    }
    const setRecord = resolveController(this.#sets, "ReplicaSet", pod);
    const set = setRecord === undefined ? undefined : this.#sets.get(setRecord);
    if (set === undefined) return { error: `found no controllers for pod "${pod.metadata.name}"` };
    const deploymentRecord = resolveController(this.#deployments, "Deployment", set);
    const deployment =
      deploymentRecord === undefined ? undefined : this.#deployments.get(deploymentRecord);
    const { metadata, spec } = deployment ?? set;
    return { uid: metadata.uid, replicas: spec.replicas ?? 1 };
  }
}

/** An empty selector selects every pod of the namespace, an absent one none (policy/v1). */
function selects({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean {
  return compileLabelSelector(spec.selector).matches(metadata.labels ?? {});
}

/** Whether a budget could come out otherwise. */
function isRelevant(old: Pod, pod: Pod): boolean {
  return (
    old.metadata.labels !== pod.metadata.labels ||
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    old.metadata.ownerReferences !== pod.metadata.ownerReferences ||
    isPodReady(old) !== isPodReady(pod)
  );
}
