/**
 * PreemptionCase: a small cluster in the scheduler's own cache, a profile with DefaultPreemption, and
 * one pod that fits nowhere. What the plugin writes is noted as lines of text.
 */
import { type DefaultPreemptionArgs, defaultPreemption, makePlugin } from "../policies/index.ts";
import {
  type ApiObject,
  KeyRecord as Key,
  type KeyRecord,
  type Node,
  type Pod,
  type PodDisruptionBudget,
} from "../sim/api/index.ts";
import { Kernel } from "../sim/kernel/index.ts";
import {
  type AnyPlugin,
  createPodInfo,
  Framework,
  type PluginRequests,
  type PodInfo,
  type PodNominator,
  type PostFilterAttempt,
  type PostFilterOutcome,
  type PreemptionDetail,
  SchedulerCache,
} from "../sim/scheduler/index.ts";

export interface CaseOptions {
  readonly nodes: readonly Node[];
  /** Bound pods (`spec.nodeName`). */
  readonly pods?: readonly Pod[];
  readonly budgets?: readonly PodDisruptionBudget[];
  /** Pods with `status.nominatedNodeName`. */
  readonly nominated?: readonly Pod[];
  readonly args?: DefaultPreemptionArgs;
  /** Filters of the profile. */
  readonly filters?: readonly string[];
  /** More plugins of the profile. */
  readonly plugins?: readonly AnyPlugin[];
  /** What `draw` gives, whatever it is asked; without it the lowest name wins, and 0 is drawn. */
  readonly draw?: (count: number) => number;
}

export class PreemptionCase {
  readonly cache = new SchedulerCache();
  readonly framework: Framework;
  /** What the plugin asked the API server for, in order. */
  readonly requests: string[] = [];
  /** Status patches, in order. */
  readonly patches: unknown[] = [];
  /** Numbers that `draw` was asked for. */
  readonly draws: number[] = [];
  readonly #options: CaseOptions;
  readonly #records = new Map<string, KeyRecord<Pod>>();

  constructor(options: CaseOptions) {
    this.#options = options;
    const { nodes, pods = [], budgets = [], nominated = [], args = {} } = options;
    for (const node of nodes) this.cache.addNode(node);
    for (const pod of pods) this.bind(pod);
    for (const budget of budgets) this.cache.objects.set(budget);
    const filters = options.filters ?? ["NodeUnschedulable", "NodeResourcesFit"];
    const plugins = [
      makePlugin("PrioritySort"),
      ...filters.map((name) => makePlugin(name)),
      ...(options.plugins ?? []),
      defaultPreemption(args),
      makePlugin("DefaultBinder"),
    ];
    this.framework = new Framework({
      profile: {
        schedulerName: "default-scheduler",
        plugins: plugins.map((plugin) => ({ plugin, weight: 0 })),
        percentageOfNodesToScore: 100,
      },
      cache: this.cache,
      kernel: new Kernel("1"),
      evaluation: "full",
      nominator: nominatorOf(nominated.map((pod) => this.info(pod))),
      requests: this.#recorder(),
    });
  }

  /** A pod's PodInfo: the same key for the same name. */
  info(pod: Pod): PodInfo {
    const { namespace, name } = pod.metadata;
    const key = `${namespace}/${name}`;
    let record = this.#records.get(key);
    if (record === undefined) {
      record = new Key<Pod>(this.#records.size + 1, "Pod", namespace, name);
      this.#records.set(key, record);
    }
    record.stored = pod;
    return createPodInfo(record, pod, this.cache.state.resources);
  }

  /** The pod is on its node now, or is what it has become there. */
  bind(pod: Pod): void {
    this.cache.addPod(this.info(pod), pod.spec.nodeName ?? "");
  }

  remove(pod: Pod): void {
    this.cache.removePod(this.info(pod).record);
  }

  preempt(pod: Pod): PostFilterOutcome {
    const info = this.info(pod);
    return this.framework.postFilter(info, this.#attempt(info));
  }

  explain(pod: Pod): PreemptionDetail {
    const info = this.info(pod);
    const detail = this.framework.explainPostFilter(info, this.#attempt(info));
    if (detail === undefined) throw new Error("the profile has no preemption");
    return detail;
  }

  #attempt(info: PodInfo): PostFilterAttempt {
    const { draw } = this.#options;
    return {
      diagnosis: this.framework.diagnose(info),
      draw: (count) => {
        this.draws.push(count);
        return draw === undefined ? 0 : draw(count);
      },
      isLowestName: draw === undefined,
    };
  }

  #recorder(): PluginRequests {
    const note = (line: string): void => void this.requests.push(line);
    return {
      patch: (target, patch, subresource) => {
        note(`patch ${target.namespace}/${target.name} ${subresource}`);
        this.patches.push(patch);
      },
      delete: (record) => note(`delete ${record.key}`),
      event: (object: ApiObject, type, reason, message) =>
        note(`event ${object.metadata.name} ${type} ${reason}: ${message}`),
    };
  }
}

/** A PodDisruptionBudget for the pods with these labels. */
export function budget(
  name: string,
  matchLabels: Readonly<Record<string, string>>,
  disruptionsAllowed: number,
  disruptedPods: Readonly<Record<string, string>> = {},
): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      resourceVersion: "1",
      creationTimestamp: "2024-06-01T00:00:00Z",
    },
    spec: { selector: { matchLabels } },
    status: {
      disruptionsAllowed,
      disruptedPods: { ...disruptedPods },
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
    },
  };
}

/** The pod with another status. */
export function withStatus(pod: Pod, status: Partial<Pod["status"]>): Pod {
  return { ...pod, status: { ...pod.status, ...status } };
}

function nominatorOf(pods: readonly PodInfo[]): PodNominator {
  const nodeOf = ({ pod }: PodInfo): string => pod.status.nominatedNodeName ?? "";
  return {
    count: pods.length,
    version: 0,
    nodeNames: new Set(pods.map(nodeOf)),
    nodeOf: (record) => {
      const found = pods.find((info) => info.record === record);
      return found === undefined ? "" : nodeOf(found);
    },
    podsOn: (nodeName) => pods.filter((info) => nodeOf(info) === nodeName),
  };
}
