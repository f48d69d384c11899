/** How fast the control plane reacts: to a dead node, to load; and what pulling an image is of a start. */
import type { Deployment, Manifest, Node, Pod } from "../../sim/api/index.ts";
import { type Cluster, defaultClusterOptions } from "../../sim/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { newCluster, nodes, pausePod, SECOND_US } from "./fidelity-cluster.ts";
import type { FidelityRow, FidelityTable } from "./figure.ts";
import { atLeastBy, atMostBy, byArithmetic, published } from "./published.ts";

const DOWN_US = 100 * SECOND_US;
const LOAD_US = 400 * SECOND_US;

function finish({ operations }: Cluster, keepUntilUs: Micros): void {
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: "end" } };
  operations.append(keepUntilUs, { verb: "create", object, source: "" });
  operations.close();
}

const hasNoExecute = ({ spec }: Node): boolean =>
  spec.taints?.some(({ effect }) => effect === "NoExecute") ?? false;

/** Times, in seconds, from the death of one node of ten until it is tainted, and from there until its pods are deleted. */
function nodeFailure(): { tainted: number; evicted: number } {
  const cluster = newCluster(nodes(10));
  let taintedUs = -1;
  let evictedUs = -1;
  cluster.trace.committed.subscribe(({ object, timeUs }) => {
    if (object.kind === "Node" && taintedUs < 0 && hasNoExecute(object as Node)) taintedUs = timeUs;
    if (object.kind !== "Pod" || timeUs < DOWN_US) return;
    const { spec, metadata } = object as Pod;
    const isGoing = spec.nodeName === "n0" && metadata.deletionTimestamp !== undefined;
    if (evictedUs < 0 && isGoing) evictedUs = timeUs;
  });
  for (let i = 0; i < 10; i++) {
    const object = pausePod(`p${i}`, "n0");
    cluster.operations.append(SECOND_US, { verb: "create", object, source: "" });
  }
  finish(cluster, DOWN_US + 600 * SECOND_US);
  cluster.inject({ fault: "node-down", atUs: DOWN_US, node: "n0" });
  cluster.start();
  cluster.run(Number.MAX_SAFE_INTEGER);
  return {
    tainted: (taintedUs - DOWN_US) / SECOND_US,
    evicted: (evictedUs - taintedUs) / SECOND_US,
  };
}

function nodeRows(): FidelityRow[] {
  const { nodeMonitorGracePeriodSeconds: grace, nodeMonitorPeriodSeconds: period } =
    defaultClusterOptions.controllerManager;
  const renewal = defaultClusterOptions.kubelet.nodeLeaseDurationSeconds / 4;
  const { tainted, evicted } = nodeFailure();
  const rule = `kube-controller-manager: grace period ${grace} s`;
  const earliest = atLeastBy(grace - renewal, "s", `${rule}, less a lease renewal of ${renewal} s`);
  const latest = atMostBy(grace + period, "s", `${rule}, and a monitor period of ${period} s`);
  const tolerated = byArithmetic(300, "s", "DefaultTolerationSeconds: tolerationSeconds 300");
  return [
    { what: "node dies until it is tainted, earliest", simulated: tainted, published: earliest },
    { what: "node dies until it is tainted, latest", simulated: tainted, published: latest },
    { what: "tainted until its pods are evicted", simulated: evicted, published: tolerated },
  ];
}

function autoscaled(): Manifest[] {
  const labels = { app: "web" };
  const annotations = { "stowage.dev/cpu-usage": "share: 0s=1, 400s=4" };
  const containers = [{ name: "main", image: "web:1", resources: { requests: { cpu: "1" } } }];
  const metadata = { name: "web", namespace: "default" };
  const target = { type: "Utilization", averageUtilization: 50 };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels, annotations }, spec: { containers } },
      },
    },
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        minReplicas: 2,
        maxReplicas: 10,
        metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
      },
    },
  ];
}

/** Seconds from a step of the load until the autoscaler writes more replicas. */
function autoscalerReaction(): number {
  const cluster = newCluster([...nodes(10), ...autoscaled()]);
  let scaledUs = -1;
  cluster.trace.committed.subscribe(({ object, timeUs }) => {
    if (object.kind !== "Deployment" || timeUs < LOAD_US || scaledUs >= 0) return;
    if (((object as Deployment).spec.replicas ?? 0) > 2) scaledUs = timeUs;
  });
  finish(cluster, LOAD_US + 200 * SECOND_US);
  cluster.start();
  cluster.run(Number.MAX_SAFE_INTEGER);
  return (scaledUs - LOAD_US) / SECOND_US;
}

function autoscalerRow(): FidelityRow {
  const { metricResolutionSeconds: scrape } = defaultClusterOptions.metrics;
  const { syncPeriodSeconds: sync } =
    defaultClusterOptions.controllerManager.horizontalPodAutoscaler;
  const rule = `metrics-server resolution ${scrape} s, autoscaler sync period ${sync} s`;
  const limit = atMostBy(scrape + sync, "s", rule);
  return { what: "load until more replicas", simulated: autoscalerReaction(), published: limit };
}

/** Share of a pod's start on its node that is the pull of its image, none being there. */
function pullShare(pods: number): number {
  const cluster = newCluster(nodes(pods), {});
  let pullUs = 0;
  let startUs = 0;
  cluster.trace.imagePulled.subscribe(({ timeUs, startedUs }) => {
    pullUs += timeUs - startedUs;
  });
  cluster.trace.podObserved.subscribe(({ timeUs }) => {
    startUs -= timeUs;
  });
  cluster.trace.podStarted.subscribe(({ timeUs }) => {
    startUs += timeUs;
  });
  for (let i = 0; i < pods; i++) {
    const object = pausePod(`p${i}`, `n${i}`);
    cluster.operations.append(SECOND_US, { verb: "create", object, source: "" });
  }
  cluster.operations.close();
  cluster.start();
  cluster.run(Number.MAX_SAFE_INTEGER);
  return pullUs / startUs;
}

export function reactions(): FidelityTable {
  return {
    title: "Reactions",
    note:
      "One node of ten dies; a load of two pods becomes four times as large; a pod on each of 100 nodes needs an " +
      "image of the default size, 500 MB, at 1 Gbit/s. Slacker's share is that of 57 images in Docker of 2015.",
    rows: [
      ...nodeRows(),
      autoscalerRow(),
      {
        what: "image pull, share of a start",
        simulated: pullShare(100),
        published: published.pullShare,
      },
    ],
  };
}
