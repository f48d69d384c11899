/** Random scenarios in the format of docs/conformance.md, the same for the same seed. */
import { drawConfig } from "./random-config.ts";
import { Draws } from "./random-draws.ts";
import { drawMix, type ScenarioKind } from "./random-mix.ts";
import { drawNode } from "./random-nodes.ts";
import {
  drawBoundPod,
  drawNominatedPod,
  drawPendingPod,
  type PodsOf,
  type RandomPod,
} from "./random-pods.ts";
import { drawLabelSelector, drawSelector, NAMESPACES } from "./random-selectors.ts";
import { drawStorage, limitVolumes } from "./random-storage.ts";
import { drawClaimName, drawClaims, withDistinctClaims } from "./random-volumes.ts";

export interface RandomScenarioRequest {
  readonly kind: ScenarioKind;
  /** small: 2..9 nodes and 14 pending pods; large: 12..45 nodes and 50 pods, many of them alike. */
  readonly size: "small" | "large";
  readonly seed: number;
}

const SIZES = {
  small: { nodes: [2, 9], pendingPods: 14, repeat: 0.5 },
  large: { nodes: [12, 45], pendingPods: 50, repeat: 0.85 },
} as const;

export function randomScenario({ kind, size, seed }: RandomScenarioRequest): object {
  const name = `${kind}-${size}-${seed}`;
  const draws = new Draws(name);
  const mix = drawMix(draws, kind);
  const [fewest, most] = SIZES[size].nodes;
  const nodeNames = draws.times(draws.integer(fewest, most), (index) => `n${index}`);
  const nodes = nodeNames.map((nodeName) => drawNode(draws, nodeName, mix));
  const pods = { mix, nodeNames };
  const podsPerNode = kind === "preemption" ? [2, 5] : [0, 3];
  const [least = 0, highest = 0] = podsPerNode.map((count) => count * nodeNames.length);
  const boundPods = draws.times(draws.integer(least, highest), (index) =>
    drawBoundPod(draws, `b${index}`, pods),
  );
  const pendingPods = drawPendingPods(draws, pods, SIZES[size]);
  if (kind === "volumes" && draws.chance(0.6)) limitVolumes(draws, nodes);
  return {
    name,
    nodes,
    boundPods,
    nominatedPods: draws.chance(mix.nominations)
      ? draws.times(draws.integer(1, 3), (index) => drawNominatedPod(draws, `nom${index}`, pods))
      : [],
    pendingPods,
    ...draws.maybe(0.7, () => ({ namespaces: drawNamespaces(draws) })),
    ...draws.maybe(0.6, () => drawOwners(draws)),
    ...draws.maybe(mix.priorities, () => ({ podDisruptionBudgets: drawBudgets(draws) })),
    ...draws.maybe(0.5, () => ({ schedulerConfig: drawConfigFor(draws, pendingPods) })),
    ...(kind === "volumes" && drawVolumeObjects(draws, nodeNames, { boundPods, pendingPods })),
  };
}

/** Pods often come several at a time, alike but for their name (and perhaps their claims). */
function drawPendingPods(
  draws: Draws,
  pods: PodsOf,
  { pendingPods: count, repeat }: (typeof SIZES)[keyof typeof SIZES],
): RandomPod[] {
  const pending: RandomPod[] = [];
  while (pending.length < count) {
    const name = `p${pending.length}`;
    const before = pending.at(-1);
    if (before !== undefined && draws.chance(repeat)) {
      pending.push(twinOf(draws, before, name));
      continue;
    }
    const pod = drawPendingPod(draws, name, pods);
    if (draws.chance(0.02)) pod.spec.schedulingGates = [{ name: "g" }];
    if (draws.chance(pods.mix.nominations / 2)) {
      pod.status = { nominatedNodeName: draws.pick(pods.nodeNames) };
    }
    pending.push(pod);
  }
  return pending;
}

function twinOf(draws: Draws, pod: RandomPod, name: string): RandomPod {
  const twin = structuredClone(pod);
  twin.metadata.name = name;
  if (twin.metadata["uid"] !== undefined) twin.metadata["uid"] = `uid-${name}`;
  for (const { persistentVolumeClaim: claim } of twin.spec.volumes ?? []) {
    if (claim !== undefined && draws.chance(0.7)) claim.claimName = drawClaimName(draws);
  }
  if (twin.spec.volumes !== undefined) twin.spec.volumes = withDistinctClaims(twin.spec.volumes);
  return twin;
}

const drawNamespaces = (draws: Draws): unknown => [
  { metadata: { name: "default", labels: { env: "p" } } },
  { metadata: { name: "team-a", labels: { env: draws.pick(["p", "q"]) } } },
  ...(draws.chance(0.5) ? [{ metadata: { name: "team-b" } }] : []),
];

/** Services and controllers, for default spreading. */
const drawOwners = (draws: Draws): object => ({
  services: draws.times(draws.integer(1, 3), (index) => ({
    metadata: { name: `s${index}`, namespace: draws.pick(NAMESPACES) },
    spec: draws.pick<object>([
      { selector: { app: draws.pick(["a", "b"]) } },
      { selector: {} },
      {},
      { selector: { app: "a", tier: "x" } },
    ]),
  })),
  replicaSets: [
    {
      metadata: { name: "rs", namespace: "default" },
      spec: { selector: drawSelector(draws) ?? {} },
    },
  ],
  replicationControllers: [
    { metadata: { name: "rc", namespace: "default" }, spec: { selector: { app: "b" } } },
  ],
  statefulSets: [
    {
      metadata: { name: "ss", namespace: "default" },
      spec: { selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
    },
  ],
});

const drawBudgets = (draws: Draws): unknown =>
  draws.times(draws.integer(1, 3), (index) => {
    const { labelSelector } = drawLabelSelector(draws);
    return {
      metadata: { name: `d${index}`, namespace: draws.pick(NAMESPACES) },
      spec: labelSelector === undefined ? {} : { selector: labelSelector },
      status: {
        disruptionsAllowed: draws.integer(0, 2),
        ...draws.maybe(0.3, () => ({
          disruptedPods: { [`b${draws.integer(0, 5)}`]: "2024-05-01T00:00:00Z" },
        })),
      },
    };
  });

/** With two profiles, some pods are for the second, and a few for one that is not there. */
function drawConfigFor(draws: Draws, pendingPods: readonly RandomPod[]): object {
  const isTwo = draws.chance(0.4);
  if (isTwo) {
    for (const { spec } of draws.some(pendingPods, 0.5)) {
      spec.schedulerName = draws.chance(0.1) ? "none" : "alt";
    }
  }
  return drawConfig(draws, isTwo ? 2 : 1);
}

/** Claims, volumes, classes and drivers; ephemeral volumes have their claim only now and then. */
function drawVolumeObjects(
  draws: Draws,
  nodeNames: readonly string[],
  {
    boundPods,
    pendingPods,
  }: { boundPods: readonly RandomPod[]; pendingPods: readonly RandomPod[] },
): object {
  const claims = drawClaims(draws, nodeNames);
  const users = draws.chance(0.3) ? [...boundPods, ...pendingPods] : [];
  for (const { metadata, spec } of users) {
    for (const volume of spec.volumes ?? []) {
      if (volume.ephemeral === undefined || !draws.chance(0.7)) continue;
      const name = `${metadata.name}-${volume.name}`;
      // Only a pod that still waits can have another's claim: it would never have got to a node.
      const isWaiting = pendingPods.some((pod) => pod.metadata.name === metadata.name);
      const uid = isWaiting && draws.chance(0.1) ? "other" : metadata["uid"];
      const owner = { apiVersion: "v1", kind: "Pod", name: metadata.name, uid, controller: true };
      claims.persistentVolumeClaims.push({
        metadata: { name, namespace: metadata.namespace, uid: name, ownerReferences: [owner] },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: "wait",
          resources: { requests: { storage: "1Gi" } },
        },
        status: { phase: "Pending" },
      });
    }
  }
  return { ...claims, ...drawStorage(draws, nodeNames) };
}
