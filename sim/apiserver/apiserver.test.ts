import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import type { Pod } from "../api/index.ts";
import { defaultClusterOptions } from "../options/index.ts";

const SECOND = 1_000_000;

describe("a create", () => {
  test("is defaulted, given a uid, a creation time and a revision, and stored", () => {
    const plane = new ControlPlane();
    const call = plane.create(podManifest("a"));
    expect([call.code, call.reason]).toEqual([201, ""]);
    const pod = call.object as Pod;
    expect(pod.spec).toMatchObject({
      restartPolicy: "Always",
      schedulerName: "default-scheduler",
      terminationGracePeriodSeconds: 30,
      priority: 0,
    });
    expect(pod.status.phase).toBe("Pending");
    expect(pod.metadata.resourceVersion).toBe("4");
    expect(pod.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(plane.etcd.find("Pod", "default/a")?.stored).toBe(pod);
  });

  test("takes network, handling, admission and commit, in that order", () => {
    const latency = {
      ...defaultClusterOptions.latency,
      apiNetwork: "100us",
      apiAuthentication: "5us",
      apiAuthorization: "5us",
      apiHandling: "10us",
      apiMutatingAdmission: "1us",
      apiValidatingAdmission: "2us",
      etcdFsync: "4000us",
      etcdEntry: "1us",
    };
    const etcd = { ...defaultClusterOptions.etcd, members: 1 };
    const plane = new ControlPlane("1", { latency, etcd });
    const call = plane.create(podManifest("a"));
    const times = [call.issuedUs, call.sentUs, call.arrivedUs, call.startedUs, call.handledUs];
    expect(times).toEqual([0, 0, 100, 100, 4124]);
    expect(plane.kernel.nowUs).toBe(4224);
  });

  test("with generateName gives each object a name of its own", () => {
    const plane = new ControlPlane();
    const manifest = {
      ...podManifest(""),
      metadata: { generateName: "web-", namespace: "default" },
    };
    const names = [1, 2, 3].map(() => plane.create(manifest).object?.metadata.name);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test("resolves the priority class", () => {
    const plane = new ControlPlane();
    plane.store({
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: "high" },
      value: 1000,
    });
    const pod = plane.create(podManifest("a", { priorityClassName: "high" })).object as Pod;
    expect(pod.spec).toMatchObject({ priority: 1000, preemptionPolicy: "PreemptLowerPriority" });
  });
});

describe("a request names a key", () => {
  test("and is about what has that key when it is handled, created meanwhile or anew", () => {
    const plane = new ControlPlane();
    const before = plane.etcd.record("Pod", "default", "a");
    plane.create(podManifest("a"));
    plane.client.get(before, plane.done, undefined);
    const answer = plane.answer();
    expect([answer.code, answer.object?.metadata.name]).toEqual([200, "a"]);
    expect(answer.record?.stored).toBe(answer.object);
  });
});

describe("a write that changes nothing", () => {
  test.each(["patch", "update"] as const)(
    "by %s gets no revision, and no watcher hears of it",
    (verb) => {
      const plane = new ControlPlane();
      const { record, object } = plane.create(podManifest("a"));
      if (record === undefined || object === undefined) throw new Error("no pod");
      const { revision } = plane.etcd;
      const patch = { metadata: { labels: {} }, spec: { priority: 0 } };
      if (verb === "patch") plane.client.patch(record, patch, "", plane.done, undefined);
      else plane.client.update(record, object, "", plane.done, undefined);
      expect(plane.answer().code).toBe(200);
      expect(plane.etcd.revision).toBe(revision);
      expect(record.stored).toBe(object);
    },
  );
});

describe("a refused request says why in the API's words", () => {
  const cases: [string, (plane: ControlPlane) => unknown, number, string, string][] = [
    [
      "unknown namespace",
      (p) => p.create({ ...podManifest("a"), metadata: { name: "a", namespace: "nope" } }),
      404,
      "NotFound",
      'namespaces "nope" not found',
    ],
    [
      "name taken",
      (p) => [p.create(podManifest("a")), p.create(podManifest("a"))],
      409,
      "AlreadyExists",
      'pods "a" already exists',
    ],
    [
      "invalid object",
      (p) => p.create(podManifest("a", { containers: [] })),
      422,
      "Invalid",
      'Pod "a" is invalid: spec.containers: Required value',
    ],
    [
      "unknown priority class",
      (p) => p.create(podManifest("a", { priorityClassName: "nope" })),
      403,
      "Forbidden",
      'pods "a" is forbidden: no PriorityClass with name nope was found',
    ],
    [
      "binding a bound pod",
      (p) => {
        const { record } = p.create(podManifest("a"));
        if (record === undefined) return;
        p.client.bind(record, { nodeName: "n1", uid: "" }, p.done, undefined);
        p.settle();
        p.client.bind(record, { nodeName: "n2", uid: "" }, p.done, undefined);
      },
      409,
      "Conflict",
      'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
    ],
    [
      "binding a namesake of the pod that was meant",
      (p) => {
        const { record } = p.create(podManifest("a"));
        if (record !== undefined)
          p.client.bind(record, { nodeName: "n1", uid: "other" }, p.done, undefined);
      },
      409,
      "Conflict",
      "UID in precondition: other",
    ],
    [
      "deleting what is not there",
      (p) => p.client.delete(p.etcd.record("Pod", "default", "a"), {}, p.done, undefined),
      404,
      "NotFound",
      'pods "a" not found',
    ],
    [
      "updating from an old read",
      (p) => {
        const { record, object } = p.create(podManifest("a"));
        if (record === undefined || object === undefined) return;
        p.client.patch(record, { status: { phase: "Running" } }, "status", p.done, undefined);
        p.settle();
        p.client.update(record, object, "status", p.done, undefined);
      },
      409,
      "Conflict",
      'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [
      "deleting another object of that name",
      (p) => {
        const { record } = p.create(podManifest("a"));
        if (record !== undefined) p.client.delete(record, { uid: "other" }, p.done, undefined);
      },
      409,
      "Conflict",
      "the UID in the precondition (other) does not match",
    ],
  ];
  test.each(cases)("%s", (_case, act, code, reason, message) => {
    const plane = new ControlPlane();
    act(plane);
    const answer = plane.answer();
    expect([answer.code, answer.reason]).toEqual([code, reason]);
    expect(answer.message).toContain(message);
  });
});

describe("a delete", () => {
  test("removes a pod that is on no node at once", () => {
    const plane = new ControlPlane();
    const { record } = plane.create(podManifest("a"));
    if (record === undefined) throw new Error("no record");
    plane.client.delete(record, {}, plane.done, undefined);
    expect(plane.answer().code).toBe(200);
    expect(record.stored).toBeUndefined();
  });

  test("marks a pod on a node with its grace period, and removes it at grace 0", () => {
    const plane = new ControlPlane();
    const { record } = plane.create(podManifest("a", { terminationGracePeriodSeconds: 7 }));
    if (record === undefined) throw new Error("no record");
    plane.client.bind(record, { nodeName: "n1", uid: "" }, plane.done, undefined);
    plane.settle();
    plane.client.delete(record, {}, plane.done, undefined);
    plane.settle();
    expect(record.stored?.metadata).toMatchObject({
      deletionTimestamp: "2024-01-01T00:00:07Z",
      deletionGracePeriodSeconds: 7,
    });
    plane.client.delete(record, { gracePeriodSeconds: 0 }, plane.done, undefined);
    plane.settle();
    expect(record.stored).toBeUndefined();
  });
});

describe("requests in flight, without Priority and Fairness", () => {
  const apiserver = {
    ...defaultClusterOptions.apiserver,
    priorityAndFairness: false,
    maxRequestsInflight: 1,
    maxMutatingRequestsInflight: 1,
  };

  test("who finds no seat gets 429 at once and tries again after 1 s", () => {
    const plane = new ControlPlane("1", { apiserver });
    const tenant = plane.client.as("tenant");
    for (const name of ["a", "b", "c"])
      tenant.create("Pod", podManifest(name), plane.done, undefined);
    plane.settle();
    expect(plane.answers.map(({ code }) => code)).toEqual([201, 201, 201]);
    expect(plane.answers.filter(({ attempt }) => attempt > 1).length).toBeGreaterThan(0);
    expect(plane.answers.every((call) => call.startedUs === call.arrivedUs)).toBe(true);
    expect(plane.kernel.nowUs).toBeGreaterThan(SECOND);
  });

  test("the administrator needs no seat", () => {
    const plane = new ControlPlane("1", { apiserver });
    for (const name of ["a", "b", "c"])
      plane.client.create("Pod", podManifest(name), plane.done, undefined);
    plane.settle();
    expect(plane.answers.map(({ code, attempt }) => [code, attempt])).toEqual(
      Array.from({ length: 3 }, () => [201, 1]),
    );
  });

  test("reads do not take the seats of writes", () => {
    const plane = new ControlPlane("1", { apiserver });
    const tenant = plane.client.as("tenant");
    tenant.create("Pod", podManifest("a"), plane.done, undefined);
    tenant.list("Pod", {}, plane.done, undefined);
    plane.settle();
    expect(plane.answers.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});
