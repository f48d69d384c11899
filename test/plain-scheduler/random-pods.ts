/** Random pods. */
import type { Draws } from "./random-draws.ts";
import type { Mix } from "./random-mix.ts";
import {
  drawNodeAffinity,
  drawPodAffinity,
  drawSpreadConstraints,
  NAMESPACES,
} from "./random-selectors.ts";
import { drawPodVolumes } from "./random-volumes.ts";
import type { core } from "./scenario.ts";
import { ZONE } from "./topology.ts";

/** A pod as it stands in a scenario. */
export interface RandomPod {
  metadata: { name: string; namespace: string; [field: string]: unknown };
  spec: core.PodSpec;
  status: core.PodStatus;
}

export interface PodsOf {
  readonly mix: Mix;
  readonly nodeNames: readonly string[];
}

const CPU = "0 1m 50m 100m 0.25 500m 0.5 1 1500m 1.0005 2 1e-1 3e0 100u 999999n".split(" ");
const MEMORY = "0 1 100Mi 128974848 129e6 0.5Gi 1Gi 512M 1.5Gi 2Gi 1e9 123456789 1500m".split(" ");
const IMAGES = ["web", "web:v1", "reg.io:5000/app", "db:v2", "zz"];

/** Without status.nominatedNodeName. */
export function drawPendingPod(draws: Draws, name: string, { mix, nodeNames }: PodsOf): RandomPod {
  return {
    metadata: {
      name,
      namespace: draws.pick(NAMESPACES),
      // Owners of claims are told by it; other scenarios have pods without one.
      ...(mix.kind === "volumes" && { uid: `uid-${name}` }),
      ...draws.maybe(0.95, () => ({ labels: drawLabels(draws) })),
      ...draws.maybe(0.3, () => ({ ownerReferences: [drawOwner(draws)] })),
    },
    spec: drawSpec(draws, mix, nodeNames),
    status: {},
  };
}

/** Runs on a node, terminates there, or has finished. */
export function drawBoundPod(draws: Draws, name: string, pods: PodsOf): RandomPod {
  const { metadata, spec } = drawPendingPod(draws, name, pods);
  const isTerminating = draws.chance(pods.mix.terminating);
  const startSecond = draws.chance(0.3) ? 0 : draws.integer(0, 50);
  const preempted: core.PodCondition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "PreemptionByScheduler",
  };
  return {
    metadata: { ...metadata, ...(isTerminating && { deletionTimestamp: "2024-06-01T00:00:00Z" }) },
    spec: { ...spec, nodeName: draws.pick(pods.nodeNames) },
    status: {
      phase: draws.chance(0.05) ? "Succeeded" : "Running",
      startTime: `2024-05-01T00:00:${String(startSecond).padStart(2, "0")}Z`,
      ...(isTerminating && draws.maybe(0.5, () => ({ conditions: [preempted] }))),
    },
  };
}

/** Waits for its node during all of the scenario. */
export function drawNominatedPod(draws: Draws, name: string, pods: PodsOf): RandomPod {
  const pod = drawPendingPod(draws, name, pods);
  if (!pod.spec.priority && draws.chance(0.7)) pod.spec.priority = 100;
  return { ...pod, status: { nominatedNodeName: draws.pick(pods.nodeNames) } };
}

const drawLabels = (draws: Draws): Record<string, string> => ({
  ...draws.maybe(0.9, () => ({ app: draws.pick(["a", "b", "c"]) })),
  ...draws.maybe(0.5, () => ({ tier: draws.pick(["x", "y"]) })),
  ...draws.maybe(0.3, () => ({ ver: draws.pick(["1", "2", "10"]) })),
});

const drawOwner = (draws: Draws): unknown =>
  draws.pick([
    { apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", controller: true, uid: "u" },
    { apiVersion: "v1", kind: "ReplicationController", name: "rc", controller: true, uid: "u" },
    { apiVersion: "apps/v1", kind: "StatefulSet", name: "ss", controller: true, uid: "u" },
    { apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", controller: false, uid: "u" },
  ]);

function drawSpec(draws: Draws, mix: Mix, nodeNames: readonly string[]): core.PodSpec {
  const containers = draws.times(draws.pick([1, 1, 1, 1, 2]), () => drawContainer(draws, mix));
  return {
    containers,
    ...draws.maybe(mix.initContainers, () => ({
      initContainers: draws.times(draws.integer(1, 2), () => ({
        ...drawContainer(draws, mix),
        ...draws.maybe(0.4, () => ({ restartPolicy: "Always" })),
      })),
    })),
    ...draws.maybe(mix.initContainers / 3, () => ({ overhead: { cpu: "10m", memory: "16Mi" } })),
    ...draws.maybe(Math.max(mix.priorities, 0.1), () => ({
      priority: draws.pick([0, 10, 100, 1000, -5, 2000000000]),
    })),
    ...draws.maybe(0.05, () => ({ preemptionPolicy: "Never" as const })),
    ...draws.maybe(mix.tolerations, () => ({
      tolerations: draws.times(draws.integer(1, 2), () => drawToleration(draws)),
    })),
    ...draws.maybe(mix.nodeAffinity / 2, () => ({
      nodeSelector: { [draws.pick(["disk", "rack", ZONE])]: draws.pick(["ssd", "r1", "z1"]) },
    })),
    affinity: {
      ...draws.maybe(mix.nodeAffinity, () => ({
        nodeAffinity: drawNodeAffinity(draws, nodeNames),
      })),
      ...draws.maybe(mix.podAffinity, () => ({ podAffinity: drawPodAffinity(draws) })),
      ...draws.maybe(mix.podAffinity, () => ({ podAntiAffinity: drawPodAffinity(draws) })),
    },
    ...draws.maybe(mix.spread, () => ({
      topologySpreadConstraints: drawSpreadConstraints(draws),
    })),
    // A scheduler sees such pods when nobody else has taken them to their node.
    ...draws.maybe(mix.nodeAffinity / 10, () => ({ nodeName: draws.pick(nodeNames) })),
    ...(mix.kind === "volumes" && draws.maybe(0.7, () => ({ volumes: drawPodVolumes(draws) }))),
  };
}

function drawContainer(draws: Draws, mix: Mix): core.Container {
  const requests = {
    ...draws.maybe(0.85, () => ({ cpu: draws.pick(CPU) })),
    ...draws.maybe(0.85, () => ({ memory: draws.pick(MEMORY) })),
    ...draws.maybe(mix.extendedResources, () => ({
      "example.com/gpu": String(draws.integer(0, 2)),
    })),
    ...draws.maybe(mix.extendedResources / 2, () => ({
      "ephemeral-storage": draws.pick(["1Gi", "500M", "0"]),
    })),
    ...draws.maybe(mix.extendedResources / 3, () => ({ "hugepages-2Mi": "2Mi" })),
    ...draws.maybe(mix.extendedResources / 3, () => ({ "foo.io/bar": "1" })),
  };
  return {
    name: "c",
    ...draws.maybe(0.8, () => ({ resources: { requests } })),
    ...draws.maybe(mix.images, () => ({ image: draws.pick(IMAGES) })),
    ...draws.maybe(mix.hostPorts, () => ({
      ports: draws.times(draws.integer(1, 2), () => ({
        containerPort: 80,
        ...draws.maybe(0.9, () => ({ hostPort: draws.pick([80, 80, 81, 443]) })),
        ...draws.maybe(0.3, () => ({
          hostIP: draws.pick(["10.0.0.1", "0.0.0.0", "127.0.0.1"]),
        })),
        ...draws.maybe(0.3, () => ({ protocol: draws.pick<"TCP" | "UDP">(["TCP", "UDP"]) })),
      })),
    })),
  };
}

function drawToleration(draws: Draws): core.Toleration {
  const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;
  return draws.pick<core.Toleration>([
    { operator: "Exists" },
    { key: "dedicated", operator: "Equal", value: draws.pick(["gpu", "db"]) },
    { key: "dedicated", operator: "Exists", effect: draws.pick(effects) },
    { key: "soft", value: "1", effect: "PreferNoSchedule" },
    { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
  ]);
}
