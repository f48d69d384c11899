import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../../test/control-plane.ts";
import type {
  Manifest,
  Node,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
  ReplicaSet,
} from "../../api/index.ts";
import { defaultClusterOptions } from "../../options/index.ts";

const NOT_READY = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

function planeWithout(...disableAdmissionPlugins: string[]): ControlPlane {
  const apiserver = { ...defaultClusterOptions.apiserver, disableAdmissionPlugins };
  return new ControlPlane("1", { apiserver });
}

/** The spec of a new pod, or why it was refused. */
function admitted(plane: ControlPlane, manifest: Manifest): PodSpec {
  const call = plane.create(manifest);
  if (!call.ok) throw new Error(call.message);
  return (call.object as Pod).spec;
}

function container(name: string, requests: object, limits: object = {}): object {
  return { name, image: "app:1", resources: { requests, limits } };
}

function claim(storage: string, spec: object = {}): Manifest {
  return {
    kind: "PersistentVolumeClaim",
    metadata: { name: "c", namespace: "default" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, ...spec },
  };
}

describe("NamespaceLifecycle", () => {
  test("refuses what comes into a namespace that does not exist", () => {
    const call = new ControlPlane().create({
      ...podManifest("a"),
      metadata: { name: "a", namespace: "no" },
    });
    expect([call.code, call.reason, call.message]).toEqual([
      404,
      "NotFound",
      'namespaces "no" not found',
    ]);
  });

  test("refuses new content in a namespace that is going", () => {
    const plane = new ControlPlane();
    const status = { phase: "Terminating" };
    plane.store({ kind: "Namespace", metadata: { name: "old" }, status });
    const call = plane.create({ ...podManifest("a"), metadata: { name: "a", namespace: "old" } });
    expect([call.code, call.reason, call.message]).toEqual([
      403,
      "Forbidden",
      'pods "a" is forbidden: unable to create new content in namespace old because it is being terminated',
    ]);
  });
});

describe("ServiceAccount", () => {
  test("a pod that names none gets the account default", () => {
    const spec = admitted(new ControlPlane(), podManifest("a"));
    expect(spec).toMatchObject({ serviceAccountName: "default", serviceAccount: "default" });
  });

  test("an account must exist", () => {
    const call = new ControlPlane().create(podManifest("a", { serviceAccountName: "robot" }));
    expect([call.code, call.message]).toEqual([
      403,
      'pods "a" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
    ]);
  });

  test("a pod whose name is to be generated is called by its prefix", () => {
    const call = new ControlPlane().create({
      ...podManifest("", { serviceAccountName: "robot" }),
      metadata: { generateName: "web-", namespace: "default" },
    });
    expect(call.message).toMatch(/^pods "web-" is forbidden: /);
  });

  test("gives its pull secrets to pods that have none", () => {
    const plane = new ControlPlane();
    const imagePullSecrets = [{ name: "registry" }];
    plane.store({ kind: "ServiceAccount", metadata: { name: "robot" }, imagePullSecrets });
    const spec = admitted(plane, podManifest("a", { serviceAccountName: "robot" }));
    expect(spec.imagePullSecrets).toEqual(imagePullSecrets);
  });

  test("a namespace that has no account yet is waited for, 100 to 200 ms", () => {
    const plane = new ControlPlane();
    plane.store({ kind: "Namespace", metadata: { name: "new" } });
    const metadata = { name: "default", namespace: "new" };
    plane.client.create(
      "Pod",
      { ...podManifest("a"), metadata: { name: "a", namespace: "new" } },
      plane.done,
      undefined,
    );
    plane.client.create(
      "ServiceAccount",
      { kind: "ServiceAccount", metadata },
      plane.done,
      undefined,
    );
    plane.settle();
    const call = plane.answers.find(({ kind }) => kind === "Pod");
    expect(call?.code).toBe(201);
    expect((call?.handledUs ?? 0) - (call?.startedUs ?? 0)).toBeGreaterThan(100_000);
  });

  test("is off when it is disabled", () => {
    const spec = admitted(
      planeWithout("ServiceAccount"),
      podManifest("a", { serviceAccountName: "robot" }),
    );
    expect(spec.serviceAccount).toBeUndefined();
  });
});

describe("TaintNodesByCondition", () => {
  const ready = (status: string): object => ({ conditions: [{ type: "Ready", status }] });
  test.each([
    ["a node that says nothing", undefined, [NOT_READY]],
    ["a node that is not ready", ready("False"), [NOT_READY]],
    ["a node that is ready", ready("True"), undefined],
  ])("%s", (_case, status, taints) => {
    const manifest: Manifest = { kind: "Node", metadata: { name: "n" }, ...(status && { status }) };
    const call = new ControlPlane().create(manifest);
    expect((call.object as Node).spec.taints).toEqual(taints);
  });
});

describe("Priority", () => {
  const plane = (): ControlPlane => {
    const made = new ControlPlane();
    made.store({ kind: "PriorityClass", metadata: { name: "high" }, value: 1000 });
    return made;
  };

  test.each([
    ["no class", {}, { priority: 0, preemptionPolicy: "PreemptLowerPriority" }],
    ["a class", { priorityClassName: "high" }, { priority: 1000 }],
    ["a class and its value", { priorityClassName: "high", priority: 1000 }, { priority: 1000 }],
    ["a system class", { priorityClassName: "system-node-critical" }, { priority: 2000001000 }],
  ])("%s", (_case, spec, expected) => {
    expect(admitted(plane(), podManifest("a", spec))).toMatchObject(expected);
  });

  test.each([
    ["an unknown class", { priorityClassName: "x" }, "no PriorityClass with name x was found"],
    [
      "another value",
      { priorityClassName: "high", priority: 5 },
      "the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name",
    ],
    [
      "a value without a class",
      { priority: 5 },
      "the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name",
    ],
    [
      "another policy",
      { priorityClassName: "high", preemptionPolicy: "Never" },
      "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name",
    ],
  ])("refuses %s", (_case, spec, why) => {
    const call = plane().create(podManifest("a", spec));
    expect([call.code, call.message]).toEqual([403, `pods "a" is forbidden: ${why}`]);
  });

  test("only one class can be the default", () => {
    const made = new ControlPlane();
    const standard = (name: string): Manifest => ({
      kind: "PriorityClass",
      metadata: { name },
      value: 10,
      globalDefault: true,
    });
    expect(made.create(standard("a")).code).toBe(201);
    const call = made.create(standard("b"));
    expect([call.code, call.message]).toEqual([
      403,
      'priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. Only one default can exist',
    ]);
    expect(admitted(made, podManifest("p"))).toMatchObject({
      priorityClassName: "a",
      priority: 10,
    });
  });
});

describe("DefaultTolerationSeconds", () => {
  const added = (key: string): object => ({
    key: `node.kubernetes.io/${key}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 300,
  });
  const own = { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" };
  const all = { operator: "Exists" };
  const other = { ...own, effect: "NoSchedule" };
  test.each([
    ["none", undefined, [added("not-ready"), added("unreachable")]],
    ["its own", [own], [own, added("unreachable")]],
    ["all", [all], [all]],
    ["another effect", [other], [other, added("not-ready"), added("unreachable")]],
  ])("a pod that tolerates %s", (_case, tolerations, expected) => {
    const spec = tolerations === undefined ? {} : { tolerations };
    expect(admitted(new ControlPlane(), podManifest("a", spec)).tolerations).toEqual(expected);
  });

  test("an update cannot take them away", () => {
    const plane = new ControlPlane();
    const pod = plane.create(podManifest("a")).object as Pod;
    const { tolerations, ...spec } = pod.spec;
    const next = { ...pod, metadata: { ...pod.metadata, labels: { a: "b" } }, spec };
    const record = plane.etcd.find("Pod", "default/a");
    if (record === undefined) throw new Error("the pod is not stored");
    plane.client.update(record, next as Pod, "", plane.done, undefined);
    const answer = plane.answer();
    expect(answer.message).toBe("");
    expect((answer.object as Pod).spec.tolerations).toEqual(tolerations);
  });
});

describe("DefaultStorageClass", () => {
  const storageClass = (name: string, isDefault: string): Manifest => ({
    kind: "StorageClass",
    metadata: {
      name,
      annotations: { "storageclass.kubernetes.io/is-default-class": isDefault },
    },
    provisioner: "driver.example.com",
  });
  test.each([
    ["no default class", [storageClass("a", "false")], {}, undefined],
    ["one", [storageClass("a", "true")], {}, "a"],
    ["two of one age: by name", [storageClass("b", "true"), storageClass("a", "true")], {}, "a"],
    ["a claim that wants none", [storageClass("a", "true")], { storageClassName: "" }, ""],
    ["a claim that names one", [storageClass("a", "true")], { storageClassName: "x" }, "x"],
  ])("%s", (_case, classes, spec, expected) => {
    const plane = new ControlPlane();
    for (const each of classes) plane.store(each);
    const call = plane.create(claim("1Gi", spec));
    expect((call.object as PersistentVolumeClaim).spec.storageClassName).toBe(expected);
  });

  test("of several defaults the newest", () => {
    const plane = new ControlPlane();
    plane.create(storageClass("z", "true"));
    plane.kernel.at(
      5_000_000,
      plane.kernel.handler("later", () => {}),
      undefined,
      undefined,
    );
    plane.settle();
    plane.create(storageClass("a", "true"));
    plane.create(storageClass("b", "false"));
    const call = plane.create(claim("1Gi"));
    expect((call.object as PersistentVolumeClaim).spec.storageClassName).toBe("a");
  });
});

describe("LimitRanger", () => {
  const limited = (item: object): ControlPlane => {
    const plane = new ControlPlane();
    plane.store({ kind: "LimitRange", metadata: { name: "l" }, spec: { limits: [item] } });
    return plane;
  };

  test("sets the requests and limits that a container does not state, and says so", () => {
    const item = {
      type: "Container",
      default: { cpu: "500m", memory: "1Gi" },
      defaultRequest: { cpu: "100m" },
    };
    const call = limited(item).create(
      podManifest("a", {
        containers: [
          container("main", { memory: "512Mi" }),
          container("full", { cpu: "1", memory: "1Gi" }, { cpu: "2", memory: "2Gi" }),
        ],
      }),
    );
    const pod = call.object as Pod;
    expect(pod.spec.containers.map(({ resources }) => resources)).toEqual([
      { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: "500m", memory: "1Gi" } },
      { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
    ]);
    expect(pod.metadata.annotations).toEqual({
      "kubernetes.io/limit-ranger":
        "LimitRanger plugin set: cpu request for container main; cpu, memory limit for container main",
    });
  });

  test("a default request above a container's own limit makes the pod invalid", () => {
    const item = { type: "Container", default: { cpu: "2" }, defaultRequest: { memory: "2Gi" } };
    const plane = limited(item);
    const call = plane.create(
      podManifest("a", {
        containers: [
          {
            name: "main",
            image: "app:1",
            resources: { limits: { memory: "1Gi" }, requests: { memory: "1Gi" } },
          },
        ],
      }),
    );
    expect(call.code).toBe(201);
    const refused = plane.create(
      podManifest("b", { containers: [container("main", { cpu: "3" })] }),
    );
    expect(refused.code).toBe(422);
    expect(refused.message).toContain("must be less than or equal to cpu limit of 2");
  });

  test.each([
    [
      "a request below the minimum",
      { type: "Container", min: { cpu: "100m" } },
      [container("main", { cpu: "50m" })],
      "minimum cpu usage per Container is 100m, but request is 50m",
    ],
    [
      "a limit above the maximum",
      { type: "Container", max: { memory: "1Gi" } },
      [container("main", { memory: "1Gi" }, { memory: "2Gi" })],
      "maximum memory usage per Container is 1Gi, but limit is 2Gi",
    ],
    [
      "too wide a span",
      { type: "Container", maxLimitRequestRatio: { cpu: "2" } },
      [container("main", { cpu: "100m" }, { cpu: "300m" })],
      "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
    ],
    [
      "a ratio without amounts",
      { type: "Container", maxLimitRequestRatio: { cpu: "2" } },
      [container("main", {})],
      "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
    ],
    [
      "a pod that is too large as a whole",
      { type: "Pod", max: { cpu: "1" } },
      [container("a", { cpu: "1" }, { cpu: "600m" }), container("b", {}, { cpu: "600m" })].map(
        (each) => ({ ...each, resources: { limits: { cpu: "600m" } } }),
      ),
      "maximum cpu usage per Pod is 1, but limit is 1200m",
    ],
    [
      "a pod without a limit",
      { type: "Pod", max: { cpu: "1" } },
      [container("a", { cpu: "1" })],
      "maximum cpu usage per Pod is 1.  No limit is specified",
    ],
    [
      "several faults at once",
      { type: "Pod", min: { cpu: "1", memory: "1Gi" } },
      [container("a", {})],
      "[minimum cpu usage per Pod is 1.  No request is specified, minimum memory usage per Pod is 1Gi.  No request is specified]",
    ],
  ])("refuses %s", (_case, item, containers, why) => {
    const call = limited(item).create(podManifest("a", { containers }));
    expect([call.code, call.message]).toEqual([403, `pods "a" is forbidden: ${why}`]);
  });

  test.each([
    ["512Mi", "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi"],
    ["2Ti", "maximum storage usage per PersistentVolumeClaim is 1Ti, but request is 2Ti"],
  ])("refuses a claim of %s", (storage, why) => {
    const item = {
      type: "PersistentVolumeClaim",
      min: { storage: "1Gi" },
      max: { storage: "1Ti" },
    };
    const call = limited(item).create(claim(storage));
    expect([call.code, call.message]).toEqual([
      403,
      `persistentvolumeclaims "c" is forbidden: ${why}`,
    ]);
  });
});

describe("the pods of one template", () => {
  test("share one spec after admission, also with limits", () => {
    const plane = new ControlPlane();
    plane.store({
      kind: "LimitRange",
      metadata: { name: "l" },
      spec: { limits: [{ type: "Container", default: { cpu: "1" } }] },
    });
    const { spec } = podManifest("web");
    const set = plane.create({
      kind: "ReplicaSet",
      metadata: { name: "web", namespace: "default" },
      spec: {
        selector: { matchLabels: { a: "b" } },
        template: { metadata: { labels: { a: "b" } }, spec },
      },
    }).object as ReplicaSet;
    const template = set.spec.template?.spec;
    const specs = ["a", "b", "c"].map((name) =>
      admitted(plane, { ...podManifest(name), spec: template }),
    );
    expect(specs[1]).toBe(specs[0]);
    expect(specs[2]).toBe(specs[0]);
    expect(template?.tolerations).toBeUndefined();
  });
});
