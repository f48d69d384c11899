/** Pods with volumes through the whole cluster: scheduler, PV controller, provisioner, kubelets. */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Manifest, PersistentVolume, PersistentVolumeClaim, Pod } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";
import { Digest } from "../sim/kernel/index.ts";

const SECOND = 1_000_000;
const ZONE = "topology.kubernetes.io/zone";
const DRIVER = "csi.example.com";

function node(name: string, zone: string): Manifest {
  const allocatable = { cpu: "4", memory: "16Gi", pods: "110" };
  const labels = { "kubernetes.io/hostname": name, [ZONE]: zone };
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels }, status: { allocatable } };
}

function csiNode(name: string, count: number): Manifest {
  const drivers = [{ name: DRIVER, nodeID: name, topologyKeys: [ZONE], allocatable: { count } }];
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    metadata: { name },
    spec: { drivers },
  };
}

function storageClass(name: string, fields: object = {}): Manifest {
  const volumeBindingMode = "WaitForFirstConsumer";
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner: DRIVER,
    volumeBindingMode,
    ...fields,
  };
}

const claimSpec = (storageClassName: string): object => ({
  accessModes: ["ReadWriteOnce"],
  storageClassName,
  resources: { requests: { storage: "1Gi" } },
});

function claim(name: string, className: string): Manifest {
  const metadata = { name, namespace: "default" };
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: claimSpec(className) };
}

function localVolume(name: string, host: string): Manifest {
  const expression = { key: "kubernetes.io/hostname", operator: "In", values: [host] };
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "local",
      local: { path: "/disk" },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
    },
  };
}

function pod(name: string, volume: object, seconds = 600): Manifest {
  const annotations = { "stowage.dev/duration": `${seconds}s` };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", annotations },
    spec: {
      restartPolicy: "Never",
      containers: [{ name: "main", image: "app:1", resources: { requests: { cpu: "100m" } } }],
      volumes: [{ name: "data", ...volume }],
    },
  };
}

const withClaim = (claimName: string): object => ({ persistentVolumeClaim: { claimName } });
const ephemeral = { ephemeral: { volumeClaimTemplate: { spec: claimSpec("fast") } } };

/** Two zones, a node each; the objects come one after the other. */
function clusterWith(objects: readonly Manifest[]): Cluster {
  const cluster = new Cluster(
    { ...defaultClusterOptions, seed: "3" },
    { profiles: [profileByName("default")], balancer: balancerByName("random") },
  );
  cluster.bootstrap([node("a", "za"), node("b", "zb")]);
  objects.forEach((object, i) => {
    const source = object.metadata?.name ?? "";
    cluster.operations.append(5 * SECOND + i * 10_000, { verb: "create", object, source });
  });
  cluster.operations.close();
  cluster.start();
  return cluster;
}

const objects = <T>(cluster: Cluster, kind: string): T[] =>
  cluster.list(kind).flatMap(({ stored }) => (stored === undefined ? [] : [stored as T]));
const placement = (cluster: Cluster): string[] =>
  objects<Pod>(cluster, "Pod").map(
    ({ metadata, spec, status }) => `${metadata.name} ${spec.nodeName ?? "-"} ${status.phase}`,
  );

describe("a pod with a claim that waits for it", () => {
  test("gets a volume made where it is placed, and runs after that", () => {
    const cluster = clusterWith([
      storageClass("fast"),
      csiNode("a", 1),
      csiNode("b", 1),
      claim("c", "fast"),
      pod("p", withClaim("c")),
    ]);
    cluster.run(60 * SECOND);
    const [runs] = objects<Pod>(cluster, "Pod");
    expect(runs?.status.phase).toBe("Running");
    const [made] = objects<PersistentVolume>(cluster, "PersistentVolume");
    const zone = runs?.spec.nodeName === "a" ? "za" : "zb";
    expect(made?.spec.nodeAffinity?.required?.nodeSelectorTerms).toEqual([
      { matchExpressions: [{ key: ZONE, operator: "In", values: [zone] }] },
    ]);
    const [bound] = objects<PersistentVolumeClaim>(cluster, "PersistentVolumeClaim");
    expect(bound?.metadata.annotations).toMatchObject({
      "volume.kubernetes.io/selected-node": runs?.spec.nodeName,
      "pv.kubernetes.io/bind-completed": "yes",
    });
  });

  test("goes where a local volume is", () => {
    const provisioner = "kubernetes.io/no-provisioner";
    const cluster = clusterWith([
      storageClass("local", { provisioner }),
      localVolume("v", "b"),
      claim("c", "local"),
      pod("p", withClaim("c")),
    ]);
    cluster.run(60 * SECOND);
    expect(placement(cluster)).toEqual(["p b Running"]);
    const [volume] = objects<PersistentVolume>(cluster, "PersistentVolume");
    expect(volume).toMatchObject({ spec: { claimRef: { name: "c" } }, status: { phase: "Bound" } });
  });

  test("waits where there is no volume, and says why", () => {
    const cluster = clusterWith([
      storageClass("local", { provisioner: "kubernetes.io/no-provisioner" }),
      claim("c", "local"),
      pod("p", withClaim("c")),
    ]);
    cluster.run(60 * SECOND);
    const [waits] = objects<Pod>(cluster, "Pod");
    expect(waits?.status.conditions?.[0]?.message).toBe(
      "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    );
  });
});

test("a pod waits for an immediate claim until it is bound", () => {
  const cluster = clusterWith([
    storageClass("now", { volumeBindingMode: "Immediate" }),
    claim("c", "now"),
    pod("p", withClaim("c")),
  ]);
  cluster.run(60 * SECOND);
  expect(placement(cluster)[0]).toMatch(/^p [ab] Running$/);
});

test("a node takes as many volumes as its CSI driver can attach", () => {
  const pods = [1, 2, 3].map((i) => pod(`p${i}`, ephemeral));
  const cluster = clusterWith([storageClass("fast"), csiNode("a", 1), csiNode("b", 1), ...pods]);
  cluster.run(120 * SECOND);
  const nodes = objects<Pod>(cluster, "Pod").map(({ spec }) => spec.nodeName ?? "-");
  expect(nodes.sort()).toEqual(["-", "a", "b"]);
});

test("a fork amid provisioning goes on as the original", () => {
  const pods = [1, 2, 3, 4].map((i) => pod(`p${i}`, ephemeral, 20));
  const original = clusterWith([storageClass("fast"), csiNode("a", 2), csiNode("b", 2), ...pods]);
  original.run(7 * SECOND);
  expect(placement(original)).toContain("p1 - Pending");
  const digests = [original, original.fork()].map((cluster) => {
    const digest = new Digest();
    cluster.trace.committed.subscribe(({ timeUs, object }) => {
      digest.add(timeUs).addString(JSON.stringify(object));
    });
    expect(cluster.run(3600 * SECOND)).toBe("idle");
    return digest.hex;
  });
  expect(digests[1]).toBe(digests[0]);
  expect(placement(original).every((line) => line.endsWith("Succeeded"))).toBe(true);
});
