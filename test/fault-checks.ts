/** What must hold at every commit, and at the end, of a cluster in which things went wrong. */
import { expect } from "vitest";
import {
  type ApiObject,
  type CronJob,
  type core,
  type DaemonSet,
  type Deployment,
  type EndpointSlice,
  isConditionTrue,
  type Job,
  type KeyRecord,
  type Namespace,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type PodDisruptionBudget,
  podRequests,
  type ReplicaSet,
  type ResourceQuota,
  type StatefulSet,
} from "../sim/api/index.ts";
import type { Cluster } from "../sim/index.ts";
import { QUOTA_PODS } from "./faulty-cluster.ts";

const NODE_CPU_MILLI = 4000;
const NODE_PODS = 20;

/** Watches every commit, delivery and container of a run. */
export class Watchman {
  readonly #cluster: Cluster;
  readonly #live = new Map<string, Pod>();
  /** Revision last delivered, by client and key. */
  readonly #delivered = new Map<string, number>();
  /** Node on which a pod's containers run, by key. */
  readonly #running = new Map<string, string>();
  /** Uids of pods that were seen to have succeeded, by the Job that owns them. */
  readonly #succeeded = new Map<string, Set<string>>();
  deliveries = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const { committed, watchDelivered, podStarted, podFinished } = cluster.trace;
    committed.subscribe(({ type, record, object }) => {
      if (record.kind === "Pod") this.#onPod(type === "DELETED", record, object as Pod);
      else if (record.kind === "Job" && type !== "DELETED") this.#onJob(object as Job);
    });
    watchDelivered.subscribe(({ client, record, revision }) => {
      // A name that comes again may come to another kubelet.
      const uid = client === "kubelet" ? record.stored?.metadata.uid : "";
      const key = `${client} ${record.kind} ${record.key} ${uid}`;
      const last = this.#delivered.get(key) ?? 0;
      if (revision <= last)
        throw new Error(`${key}: revision ${revision} was delivered after ${last}`);
      this.#delivered.set(key, revision);
      this.deliveries++;
    });
    podStarted.subscribe(({ record, node }) => {
      const other = this.#running.get(record.key);
      if (other !== undefined && other !== node)
        throw new Error(`pod ${record.key} runs on ${other} and on ${node}`);
      this.#running.set(record.key, node);
    });
    podFinished.subscribe(({ record }) => this.#running.delete(record.key));
  }

  #onPod(isGone: boolean, { key }: KeyRecord, pod: Pod): void {
    const { phase } = pod.status;
    if (phase === "Succeeded") this.#noteSuccess(pod);
    const before = this.#live.get(key);
    if (isGone || phase === "Succeeded" || phase === "Failed") this.#live.delete(key);
    else this.#live.set(key, pod);
    if (before === undefined) this.#checkQuota();
    if (pod.spec.nodeName !== undefined && before?.spec.nodeName === undefined) this.#checkNodes();
  }

  #noteSuccess({ metadata }: Pod): void {
    const owner = metadata.ownerReferences?.[0]?.uid ?? "";
    const uids = this.#succeeded.get(owner);
    if (uids === undefined) this.#succeeded.set(owner, new Set([metadata.uid]));
    else uids.add(metadata.uid);
  }

  /** No success is counted twice, and none that was not. */
  #onJob({ metadata, spec, status }: Job): void {
    const { succeeded = 0 } = status;
    const seen = this.#succeeded.get(metadata.uid)?.size ?? 0;
    if (succeeded > seen)
      throw new Error(`job ${metadata.name} counts ${succeeded} of ${seen} pods that succeeded`);
    if (succeeded > (spec.completions ?? 1))
      throw new Error(
        `job ${metadata.name} counts ${succeeded} of ${spec.completions} completions`,
      );
  }

  #checkQuota(): void {
    let count = 0;
    for (const { metadata } of this.#live.values()) if (metadata.namespace === "small") count++;
    if (count > QUOTA_PODS) throw new Error(`${count} pods where the quota is ${QUOTA_PODS}`);
  }

  #checkNodes(): void {
    const used = new Map<string, { cpuMilli: number; pods: number }>();
    for (const { spec } of this.#live.values()) {
      if (spec.nodeName === undefined) continue;
      const node = used.get(spec.nodeName) ?? { cpuMilli: 0, pods: 0 };
      node.cpuMilli += podRequests(spec).get("cpu") ?? 0;
      node.pods++;
      used.set(spec.nodeName, node);
      if (node.cpuMilli > NODE_CPU_MILLI || node.pods > NODE_PODS)
        throw new Error(`node ${spec.nodeName} has too much at ${this.#cluster.kernel.nowUs} us`);
    }
  }
}

function objects<T extends ApiObject>(cluster: Cluster, kind: string): T[] {
  return cluster.list(kind).map(({ stored }) => stored as unknown as T);
}

const isOver = ({ status: { phase } }: Pod): boolean => phase === "Succeeded" || phase === "Failed";
const isReady = ({ status }: Pod): boolean => isConditionTrue(status.conditions, "Ready");

/** Everything is as it was declared. */
export function expectConverged(cluster: Cluster): void {
  const pods = objects<Pod>(cluster, "Pod");
  expect(pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined)).toEqual([]);
  for (const node of objects<ApiObject & { spec: core.NodeSpec; status: core.NodeStatus }>(
    cluster,
    "Node",
  )) {
    expect([node.metadata.name, node.spec.taints ?? []]).toEqual([node.metadata.name, []]);
    expect(isConditionTrue(node.status.conditions, "Ready")).toBe(true);
  }
  expectOwners(cluster);
  for (const set of objects<ReplicaSet>(cluster, "ReplicaSet")) expectReplicaSet(set, pods);
  for (const each of objects<Deployment>(cluster, "Deployment")) expectDeployment(each, cluster);
  for (const set of objects<StatefulSet>(cluster, "StatefulSet")) expectStatefulSet(set, pods);
  const nodes = cluster.list("Node").map(({ name }) => name);
  for (const set of objects<DaemonSet>(cluster, "DaemonSet")) expectDaemonSet(set, pods, nodes);
  for (const job of objects<Job>(cluster, "Job")) expectJob(job, pods);
  expectNamespaces(cluster);
  expectVolumes(cluster, pods);
  expectCronJob(cluster);
  expectEndpoints(cluster, pods);
  expectBudget(cluster, pods);
  expectQuota(cluster, pods);
}

function ownedBy({ metadata: { uid } }: ApiObject, pods: readonly Pod[]): Pod[] {
  return pods.filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid);
}

function live(owner: ApiObject, pods: readonly Pod[]): Pod[] {
  return ownedBy(owner, pods).filter((pod) => !isOver(pod));
}

const OWNERS = [
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "DaemonSet",
  "CronJob",
  "Job",
  "Service",
];

function expectOwners(cluster: Cluster): void {
  const uids = new Set<string>();
  for (const kind of OWNERS)
    for (const { metadata } of objects(cluster, kind)) uids.add(metadata.uid);
  const dependents = ["Pod", "ReplicaSet", "EndpointSlice", "ControllerRevision"];
  for (const kind of dependents)
    for (const { metadata } of objects(cluster, kind)) {
      const { name, ownerReferences = [] } = metadata;
      expect([kind, name, ownerReferences.map(({ uid }) => uids.has(uid))]).toEqual([
        kind,
        name,
        [true],
      ]);
    }
}

function expectReplicaSet(set: ReplicaSet, pods: readonly Pod[]): void {
  const { name } = set.metadata;
  const { replicas = 1 } = set.spec;
  const own = live(set, pods);
  const limit = name.startsWith("small") ? QUOTA_PODS : Number.POSITIVE_INFINITY;
  expect([name, own.length]).toEqual([name, Math.min(own.length, replicas, limit)]);
  if (!name.startsWith("small")) expect([name, own.length]).toEqual([name, replicas]);
  expect([name, set.status.replicas, set.status.readyReplicas ?? 0]).toEqual([
    name,
    own.length,
    own.filter(isReady).length,
  ]);
}

function expectDeployment({ metadata, spec, status }: Deployment, cluster: Cluster): void {
  const sets = objects<ReplicaSet>(cluster, "ReplicaSet").filter(
    (set) => set.metadata.ownerReferences?.[0]?.uid === metadata.uid,
  );
  const { replicas = 1 } = spec;
  const image = spec.template.spec?.containers[0]?.image;
  const wanted = metadata.name === "small" ? Math.min(replicas, QUOTA_PODS) : replicas;
  if (metadata.name === "load") expect([2, 3, 4, 5, 6]).toContain(replicas); // its autoscaler's
  expect([metadata.name, status.observedGeneration]).toEqual([metadata.name, metadata.generation]);
  expect([metadata.name, status.readyReplicas ?? 0]).toEqual([metadata.name, wanted]);
  for (const set of sets)
    if ((set.spec.replicas ?? 1) > 0)
      expect(set.spec.template?.spec?.containers[0]?.image).toBe(image);
}

function expectStatefulSet(set: StatefulSet, pods: readonly Pod[]): void {
  const { replicas = 1, template } = set.spec;
  const own = ownedBy(set, pods);
  const names = own.map(({ metadata }) => metadata.name).sort();
  expect(names).toEqual(Array.from({ length: replicas }, (_, i) => `${set.metadata.name}-${i}`));
  for (const { spec } of own)
    expect(spec.containers[0]?.image).toBe(template.spec?.containers[0]?.image);
  expect(own.filter(isReady)).toHaveLength(replicas);
  expect(set.status).toMatchObject({ replicas, currentReplicas: replicas });
  expect([set.status.readyReplicas ?? 0, set.status.observedGeneration]).toEqual([
    replicas,
    set.metadata.generation,
  ]);
}

function expectDaemonSet(set: DaemonSet, pods: readonly Pod[], nodes: readonly string[]): void {
  const own = ownedBy(set, pods);
  const { length } = nodes;
  expect(own.map(({ spec }) => spec.nodeName).sort()).toEqual(nodes);
  expect(set.status).toMatchObject({
    desiredNumberScheduled: length,
    numberReady: length,
    updatedNumberScheduled: length,
  });
  for (const { spec } of own)
    expect(spec.containers[0]?.image).toBe(set.spec.template.spec?.containers[0]?.image);
}

function expectJob(job: Job, pods: readonly Pod[]): void {
  const { name } = job.metadata;
  const { completions = 1, completionMode } = job.spec;
  const { succeeded = 0, active = 0, uncountedTerminatedPods: uncounted } = job.status;
  expect([name, succeeded, active]).toEqual([name, completions, 0]);
  expect(isConditionTrue(job.status.conditions, "Complete")).toBe(true);
  expect([...(uncounted?.succeeded ?? []), ...(uncounted?.failed ?? [])]).toEqual([]);
  const own = ownedBy(job, pods);
  expect(own.filter((pod) => !isOver(pod))).toEqual([]);
  for (const { metadata } of own) expect(metadata.finalizers ?? []).toEqual([]);
  if (completionMode === "Indexed")
    expect(job.status.completedIndexes).toBe(`0-${completions - 1}`);
}

const NAMESPACED = ["Pod", "ReplicaSet", "Deployment", "Job", "EndpointSlice", "ServiceAccount"];

/** None is on its way out, and none that is gone has left something behind. */
function expectNamespaces(cluster: Cluster): void {
  const spaces = objects<Namespace>(cluster, "Namespace");
  expect(spaces.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toEqual([]);
  const names = new Set(spaces.map(({ metadata }) => metadata.name));
  for (const kind of NAMESPACED)
    for (const { key, namespace } of cluster.list(kind))
      expect([key, names.has(namespace)]).toEqual([key, true]);
  expect(cluster.list("ServiceAccount").map(({ namespace }) => namespace)).toEqual([...names]);
}

/** Each pod of db has its own volume, bound both ways; those of pods that are gone stay. */
function expectVolumes(cluster: Cluster, pods: readonly Pod[]): void {
  const claims = objects<PersistentVolumeClaim>(cluster, "PersistentVolumeClaim");
  const volumes = objects<PersistentVolume>(cluster, "PersistentVolume");
  for (const { metadata, spec, status } of claims) {
    expect([metadata.name, status?.phase]).toEqual([metadata.name, "Bound"]);
    const volume = volumes.find((each) => each.metadata.name === spec.volumeName);
    expect(volume?.spec.claimRef?.uid).toBe(metadata.uid);
    expect(volume?.status?.phase).toBe("Bound");
  }
  expect(volumes).toHaveLength(claims.length);
  const names = new Set(claims.map(({ metadata }) => metadata.name));
  for (const { metadata } of pods)
    if (metadata.labels?.["app"] === "db") expect(names.has(`data-${metadata.name}`)).toBe(true);
}

function expectCronJob(cluster: Cluster): void {
  for (const { metadata, status } of objects<CronJob>(cluster, "CronJob")) {
    const jobs = objects<Job>(cluster, "Job").filter(
      (job) => job.metadata.ownerReferences?.[0]?.uid === metadata.uid,
    );
    expect(status.active ?? []).toEqual([]);
    expect(jobs).toHaveLength(1); // successfulJobsHistoryLimit
  }
}

function expectEndpoints(cluster: Cluster, pods: readonly Pod[]): void {
  const slices = objects<EndpointSlice>(cluster, "EndpointSlice").filter(
    ({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === "web",
  );
  const ready = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready === true)
    .map(({ targetRef }) => targetRef?.name);
  const web = pods.filter((pod) => pod.metadata.labels?.["app"] === "web" && isReady(pod));
  expect(ready.sort()).toEqual(web.map(({ metadata }) => metadata.name).sort());
}

function expectBudget(cluster: Cluster, pods: readonly Pod[]): void {
  const web = pods.filter((pod) => pod.metadata.labels?.["app"] === "web");
  const [budget] = objects<PodDisruptionBudget>(cluster, "PodDisruptionBudget");
  const currentHealthy = web.filter(isReady).length;
  expect(budget?.status).toMatchObject({
    expectedPods: web.length,
    currentHealthy,
    disruptionsAllowed: Math.max(0, currentHealthy - (budget?.status?.desiredHealthy ?? 0)),
  });
}

function expectQuota(cluster: Cluster, pods: readonly Pod[]): void {
  const own = pods.filter((pod) => pod.metadata.namespace === "small" && !isOver(pod));
  const [quota] = objects<ResourceQuota>(cluster, "ResourceQuota");
  expect(quota?.status?.used?.["pods"]).toBe(String(own.length));
}
