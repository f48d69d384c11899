/**
 * The cluster of one scenario: the scheduler's own cache and frameworks, with what is done to them
 * from outside by the protocol (docs/conformance.md) instead of by an API server and controllers.
 */
import {
  defaultProfile,
  type KubeSchedulerConfiguration,
  profilesFromConfiguration,
} from "../../policies/index.ts";
import { KeyRecord, type Pod } from "../../sim/api/index.ts";
import { Kernel } from "../../sim/kernel/index.ts";
import {
  addNominatedPod,
  createNominatedPods,
  createPodInfo,
  deleteNominatedPod,
  type EvaluationMode,
  Framework,
  NominatedPodsView,
  type PodInfo,
  type Profile,
  SchedulerCache,
} from "../../sim/scheduler/index.ts";
import { DeletedPods } from "./deleted-pods.ts";
import type { Scenario, StoredManifest } from "./scenario.ts";

/** 2024-06-01T00:00:00Z: pods that are bound start one second after the other from here. */
const FIRST_START_MS = Date.UTC(2024, 5, 1);

export class ScenarioCluster {
  readonly cache = new SchedulerCache();
  /** As the scheduling queue keeps them. */
  readonly state = { nominatedPods: createNominatedPods() };
  readonly deleted = new DeletedPods();
  readonly #frameworks = new Map<string, Framework>();
  readonly #records = new Map<string, KeyRecord<Pod>>();
  /** Pods on nodes, by key. */
  readonly #bound = new Map<string, { readonly record: KeyRecord<Pod>; readonly node: string }>();
  #startedPods = 0;
  #resourceVersion = 0;

  /** `where` begins the messages about the scenario's schedulerConfig. Throws InputError. */
  constructor(scenario: Scenario, evaluation: EvaluationMode, where: string) {
    const kernel = new Kernel("conformance");
    const { cache, deleted: requests } = this;
    const nominator = new NominatedPodsView(this);
    for (const profile of profilesOf(scenario, where)) {
      const framework = new Framework({ profile, cache, kernel, evaluation, nominator, requests });
      this.#frameworks.set(profile.schedulerName, framework);
    }
    for (const object of scenario.objects) this.setObject(object);
    for (const node of scenario.nodes) cache.addNode(node);
    for (const pod of scenario.boundPods) this.addPod(this.podInfo(pod), pod.spec.nodeName ?? "");
    for (const pod of scenario.nominatedPods) this.nominate(this.podInfo(pod));
  }

  /** Promises a pod its place on the node that its status names, if it names one. */
  nominate(pod: PodInfo): void {
    addNominatedPod(this.state.nominatedPods, pod, undefined);
  }

  endNomination(pod: PodInfo): void {
    deleteNominatedPod(this.state.nominatedPods, pod.record);
  }

  /** The framework of the profile that serves the pod. */
  frameworkFor(pod: Pod): Framework | undefined {
    return this.#frameworks.get(pod.spec.schedulerName || "default-scheduler");
  }

  /** Takes in an object as an informer would: newer than all before it. */
  setObject(object: StoredManifest): void {
    const resourceVersion = String(++this.#resourceVersion);
    this.cache.objects.set({ ...object, metadata: { ...object.metadata, resourceVersion } });
  }

  podInfo(pod: Pod): PodInfo {
    return createPodInfo(this.#recordOf(pod), pod, this.cache.state.resources);
  }

  /** Puts a pod on its node, running, as the protocol starts it. */
  bind(pod: Pod, nodeName: string): void {
    const { nominatedNodeName: _, ...status } = pod.status;
    const startTime = new Date(FIRST_START_MS + ++this.#startedPods * 1000)
      .toISOString()
      .replace(".000Z", "Z");
    const bound = {
      ...pod,
      spec: { ...pod.spec, nodeName },
      status: { ...status, phase: "Running", startTime },
    };
    this.addPod(this.podInfo(bound), nodeName);
  }

  addPod(info: PodInfo, nodeName: string): void {
    this.cache.addPod(info, nodeName);
    this.#bound.set(info.record.key, { record: info.record, node: nodeName });
  }

  removePod(key: string): void {
    const pod = this.#bound.get(key);
    if (pod === undefined) throw new Error(`pod ${key} is on no node`);
    this.cache.removePod(pod.record);
    this.#bound.delete(key);
  }

  /** Node by key of each pod on a node, sorted by key. */
  bindings(): readonly (readonly [string, string])[] {
    return Array.from(this.#bound, ([key, { node }]) => [key, node] as const).sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
  }

  #recordOf({ metadata }: Pod): KeyRecord<Pod> {
    const key = `${metadata.namespace}/${metadata.name}`;
    let record = this.#records.get(key);
    if (record === undefined) {
      const id = this.#records.size + 1;
      record = new KeyRecord<Pod>(id, "Pod", metadata.namespace, metadata.name);
      this.#records.set(key, record);
    }
    return record;
  }
}

/** Every node is examined, whatever the configuration says. */
function profilesOf({ schedulerConfig }: Scenario, where: string): readonly Profile[] {
  if (schedulerConfig === undefined) return [defaultProfile({ percentageOfNodesToScore: 100 })];
  const configuration = schedulerConfig as KubeSchedulerConfiguration;
  const profiles = profilesFromConfiguration(configuration, `${where}: scenario.schedulerConfig`);
  return profiles.map((profile) => ({
    ...profile,
    percentageOfNodesToScore: 100,
    looksAtAllNodes: true,
  }));
}
