import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../../test/control-plane.ts";
import type { Manifest, ResourceQuota } from "../../api/index.ts";

/** A plane with one quota whose controller has seen it: nothing is used yet but what is given. */
function limited(hard: Record<string, string>, used: object = {}, spec: object = {}): ControlPlane {
  const plane = new ControlPlane();
  const none = Object.fromEntries(Object.keys(hard).map((name) => [name, "0"]));
  plane.store({
    kind: "ResourceQuota",
    metadata: { name: "q" },
    spec: { hard, ...spec },
    status: { hard, used: { ...none, ...used } },
  });
  return plane;
}

function usedOf(plane: ControlPlane): unknown {
  const quota = plane.etcd.find("ResourceQuota", "default/q")?.stored as ResourceQuota | undefined;
  return quota?.status.used;
}

function pod(
  name: string,
  requests: object = {},
  limits: object = {},
  spec: object = {},
): Manifest {
  const containers = [{ name: "main", image: "app:1", resources: { requests, limits } }];
  return podManifest(name, { containers, ...spec });
}

function service(type: string, ports = 2): Manifest {
  const numbers = Array.from({ length: ports }, (_, i) => ({ name: `p${i}`, port: 80 + i }));
  return {
    kind: "Service",
    metadata: { name: "s", namespace: "default" },
    spec: { type, selector: { a: "b" }, ports: numbers },
  };
}

function claim(storage: string, storageClassName = "fast"): Manifest {
  return {
    kind: "PersistentVolumeClaim",
    metadata: { name: "c", namespace: "default" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName,
      resources: { requests: { storage } },
    },
  };
}

const deployment: Manifest = {
  kind: "Deployment",
  metadata: { name: "d", namespace: "default" },
  spec: {
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: podManifest("x").spec },
  },
};

describe("ResourceQuota charges", () => {
  test.each<[string, Record<string, string>, Manifest, object]>([
    ["a pod", { pods: "5", "count/pods": "9" }, pod("a"), { pods: "1", "count/pods": "1" }],
    [
      "requests and limits",
      { cpu: "2", "requests.cpu": "2", "limits.cpu": "4", "requests.memory": "4Gi" },
      pod("a", { cpu: "500m", memory: "1Gi" }, { cpu: "1" }),
      { cpu: "500m", "requests.cpu": "500m", "limits.cpu": "1", "requests.memory": "1Gi" },
    ],
    [
      "devices",
      { "requests.nvidia.com/gpu": "8" },
      pod("a", { "nvidia.com/gpu": "2" }, { "nvidia.com/gpu": "2" }),
      { "requests.nvidia.com/gpu": "2" },
    ],
    [
      "a Service with node ports",
      { services: "3", "services.nodeports": "4", "services.loadbalancers": "1" },
      service("LoadBalancer"),
      { services: "1", "services.nodeports": "2", "services.loadbalancers": "1" },
    ],
    [
      "a claim, also by class",
      {
        persistentvolumeclaims: "2",
        "requests.storage": "10Gi",
        "fast.storageclass.storage.k8s.io/requests.storage": "5Gi",
        "slow.storageclass.storage.k8s.io/requests.storage": "5Gi",
      },
      claim("3Gi"),
      {
        persistentvolumeclaims: "1",
        "requests.storage": "3Gi",
        "fast.storageclass.storage.k8s.io/requests.storage": "3Gi",
        "slow.storageclass.storage.k8s.io/requests.storage": "0",
      },
    ],
    [
      "objects of any kind",
      { "count/deployments.apps": "1" },
      deployment,
      { "count/deployments.apps": "1" },
    ],
    ["nothing that it does not limit", { services: "1" }, pod("a"), { services: "0" }],
  ])("%s", (_case, hard, manifest, used) => {
    const plane = limited(hard);
    const call = plane.create(manifest);
    expect([call.code, call.message]).toEqual([201, ""]);
    expect(usedOf(plane)).toEqual(used);
  });

  test("growth of a claim, and not what it counted already", () => {
    const plane = limited({ "requests.storage": "10Gi" });
    plane.store({
      kind: "StorageClass",
      metadata: { name: "fast" },
      provisioner: "driver.example.com",
      allowVolumeExpansion: true,
    });
    plane.create(claim("3Gi"));
    const record = plane.etcd.find("PersistentVolumeClaim", "default/c");
    if (record === undefined) throw new Error("the claim is not stored");
    const grow = (storage: string): string => {
      const spec = { resources: { requests: { storage } } };
      plane.client.patch(record, { spec }, "", plane.done, undefined);
      return plane.answer().message;
    };
    plane.client.patch(record, { status: { phase: "Bound" } }, "status", plane.done, undefined);
    plane.settle();
    expect(grow("20Gi")).toBe(
      'persistentvolumeclaims "c" is forbidden: exceeded quota: q, requested: requests.storage=17Gi, used: requests.storage=3Gi, limited: requests.storage=10Gi',
    );
    expect(grow("8Gi")).toBe("");
    expect(usedOf(plane)).toEqual({ "requests.storage": "8Gi" });
  });

  test("nothing for an object that exists already", () => {
    const plane = limited({ pods: "5" });
    plane.create(pod("a"));
    expect(plane.create(pod("a")).code).toBe(409);
    expect(usedOf(plane)).toEqual({ pods: "1" });
  });

  test("all that come at one time, never beyond the limit", () => {
    const plane = limited({ pods: "3" });
    for (let i = 0; i < 10; i++) plane.client.create("Pod", pod(`p${i}`), plane.done, undefined);
    plane.settle();
    expect(plane.answers.filter(({ ok }) => ok)).toHaveLength(3);
    expect(usedOf(plane)).toEqual({ pods: "3" });
    expect(plane.etcd.count("Pod")).toBe(3);
  });
});

describe("ResourceQuota refuses", () => {
  test.each<[string, Record<string, string>, object, Manifest, string]>([
    [
      "what is too much",
      { pods: "3" },
      { pods: "3" },
      pod("a"),
      "exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3",
    ],
    [
      "and names all that is too much",
      { "limits.cpu": "2", "requests.memory": "1Gi", pods: "9" },
      { "limits.cpu": "1500m" },
      pod("a", { memory: "2Gi" }, { cpu: "1" }),
      "exceeded quota: q, requested: limits.cpu=1,requests.memory=2Gi, used: limits.cpu=1500m,requests.memory=0, limited: limits.cpu=2,requests.memory=1Gi",
    ],
    [
      "containers that do not say what is counted",
      { "limits.cpu": "2", memory: "1Gi" },
      {},
      pod("a"),
      "failed quota: q: must specify limits.cpu for: main; memory for: main",
    ],
  ])("%s", (_case, hard, used, manifest, why) => {
    const call = limited(hard, used).create(manifest);
    expect([call.code, call.reason, call.message]).toEqual([
      403,
      "Forbidden",
      `pods "a" is forbidden: ${why}`,
    ]);
  });

  test("what is limited and was never counted", () => {
    const plane = new ControlPlane();
    plane.store({
      kind: "ResourceQuota",
      metadata: { name: "q" },
      spec: { hard: { pods: "1" } },
      status: { hard: { pods: "1" } },
    });
    expect(plane.create(pod("a")).message).toBe(
      'pods "a" is forbidden: status unknown for quota: q, resources: pods',
    );
  });

  test("nothing before its controller has seen it", () => {
    const plane = new ControlPlane();
    plane.store({ kind: "ResourceQuota", metadata: { name: "q" }, spec: { hard: { pods: "0" } } });
    expect(plane.create(pod("a")).code).toBe(201);
  });
});

describe("a ResourceQuota with scopes", () => {
  const deadline = { activeDeadlineSeconds: 60 };
  const term = { topologyKey: "zone", namespaces: ["other"] };
  const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const byClass = (operator: string, values?: string[]): object => ({
    scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator, values }] },
  });
  test.each<[string, object, Manifest, string]>([
    ["BestEffort: a pod without requests", { scopes: ["BestEffort"] }, pod("a"), "1"],
    ["BestEffort: a pod with", { scopes: ["BestEffort"] }, pod("a", { cpu: "1" }), "0"],
    ["NotBestEffort", { scopes: ["NotBestEffort"] }, pod("a", { cpu: "1" }), "1"],
    ["Terminating", { scopes: ["Terminating"] }, pod("a", {}, {}, deadline), "1"],
    ["Terminating: no deadline", { scopes: ["Terminating"] }, pod("a"), "0"],
    ["NotTerminating", { scopes: ["NotTerminating"] }, pod("a"), "1"],
    ["both must match", { scopes: ["NotTerminating", "NotBestEffort"] }, pod("a"), "0"],
    [
      "a class in the list",
      byClass("In", ["high"]),
      pod("a", {}, {}, { priorityClassName: "high" }),
      "1",
    ],
    ["no class", byClass("In", ["high"]), pod("a"), "0"],
    ["a class that is not listed", byClass("NotIn", ["high"]), pod("a"), "1"],
    ["any class", byClass("Exists"), pod("a", {}, {}, { priorityClassName: "high" }), "1"],
    [
      "affinity to other namespaces",
      { scopes: ["CrossNamespacePodAffinity"] },
      pod("a", {}, {}, { affinity }),
      "1",
    ],
    ["no such affinity", { scopes: ["CrossNamespacePodAffinity"] }, pod("a"), "0"],
  ])("%s", (_case, spec, manifest, pods) => {
    const plane = limited({ pods: "5" }, {}, spec);
    plane.store({ kind: "PriorityClass", metadata: { name: "high" }, value: 1000 });
    const call = plane.create(manifest);
    expect([call.code, call.message]).toEqual([201, ""]);
    expect(usedOf(plane)).toEqual({ pods });
  });
});
