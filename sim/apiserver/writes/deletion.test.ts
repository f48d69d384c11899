import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../../test/control-plane.ts";
import type { ApiObject, KeyRecord, Manifest, Namespace, Pod } from "../../api/index.ts";
import type { ApiCall, DeleteOptions } from "../api-call.ts";

const SECOND = 1_000_000;

const set: Manifest = {
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "main", image: "web:1" }] },
    },
  },
};

/** A control plane with one object, and what is done to it. */
class Case {
  readonly plane = new ControlPlane();
  readonly record: KeyRecord;

  constructor(manifest: Manifest) {
    const call = this.plane.create(manifest);
    if (!call.ok || call.record === undefined) throw new Error(call.message);
    this.record = call.record;
  }

  get object(): ApiObject | undefined {
    return this.record.stored;
  }

  get metadata(): ApiObject["metadata"] {
    if (this.object === undefined) throw new Error("it is gone");
    return this.object.metadata;
  }

  delete(options: DeleteOptions = {}): ApiCall {
    this.plane.client.delete(this.record, options, this.plane.done, undefined);
    return this.plane.answer();
  }

  patch(patch: Manifest, subresource: "" | "status" = ""): ApiCall {
    this.plane.client.patch(this.record, patch, subresource, this.plane.done, undefined, {
      patchType: "merge",
    });
    return this.plane.answer();
  }

  bind(): void {
    const body = { nodeName: "n1", uid: "" };
    this.plane.client.bind(this.record, body, this.plane.done, undefined);
    this.plane.settle();
  }

  /** Seconds from the pod's first deletion until it must be gone. */
  get grace(): number | undefined {
    return this.metadata.deletionGracePeriodSeconds;
  }
}

describe("graceful deletion of a pod", () => {
  test.each<[string, object, number | undefined, number | undefined]>([
    ["its own period", { terminationGracePeriodSeconds: 7 }, undefined, 7],
    ["the default of 30 s", {}, undefined, 30],
    ["a shorter one of the user's", {}, 5, 5],
    ["a longer one of the user's", {}, 90, 90],
    ["a negative one counts as 1 s", {}, -3, 1],
    ["0 removes it at once", {}, 0, undefined],
  ])("on a node: %s", (_, spec, gracePeriodSeconds, wanted) => {
    const pod = new Case(podManifest("a", spec));
    pod.bind();
    const answer = pod.delete(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds });
    expect(answer.code).toBe(200);
    if (wanted === undefined) expect(pod.object).toBeUndefined();
    else {
      expect(pod.grace).toBe(wanted);
      const { deletionTimestamp = "" } = pod.metadata;
      const nowMs = Date.UTC(2024, 0, 1) + Math.floor(answer.handledUs / SECOND) * 1000;
      expect(Date.parse(deletionTimestamp)).toBe(nowMs + wanted * 1000);
    }
  });

  test.each([["Succeeded"], ["Failed"]])("one that is %s goes at once", (phase) => {
    const pod = new Case(podManifest("a"));
    pod.bind();
    pod.patch({ status: { phase } }, "status");
    pod.delete();
    expect(pod.object).toBeUndefined();
  });

  test("one that is on no node goes at once, whatever is asked for", () => {
    const pod = new Case(podManifest("a"));
    pod.delete({ gracePeriodSeconds: 60 });
    expect(pod.object).toBeUndefined();
  });

  test("a later deletion shortens the period, from its beginning; none lengthens it", () => {
    const pod = new Case(podManifest("a"));
    pod.bind();
    pod.delete();
    const start = Date.parse(pod.metadata.deletionTimestamp ?? "") - 30_000;
    const { resourceVersion } = pod.metadata;
    pod.delete();
    pod.delete({ gracePeriodSeconds: 31 });
    expect(pod.metadata.resourceVersion).toBe(resourceVersion);
    pod.delete({ gracePeriodSeconds: 12 });
    expect(pod.grace).toBe(12);
    expect(Date.parse(pod.metadata.deletionTimestamp ?? "")).toBe(start + 12_000);
    pod.delete({ gracePeriodSeconds: 0 });
    expect(pod.object).toBeUndefined();
  });

  test("with a finalizer waits for it after its grace is over", () => {
    const manifest = podManifest("a");
    const pod = new Case({
      ...manifest,
      metadata: { ...manifest.metadata, finalizers: ["x.y/z"] },
    });
    pod.bind();
    pod.delete();
    pod.delete({ gracePeriodSeconds: 0 });
    expect(pod.grace).toBe(0);
    pod.patch({ metadata: { finalizers: [] } });
    expect(pod.object).toBeUndefined();
  });

  test("its last state, as watchers see it, carries the mark", () => {
    const pod = new Case(podManifest("a"));
    const { metadata } = pod.delete().object as Pod;
    expect(metadata.deletionTimestamp).toBeDefined();
    expect(metadata.deletionGracePeriodSeconds).toBe(0);
  });
});

describe("propagation", () => {
  test.each<[DeleteOptions["propagationPolicy"], string[], string[] | undefined]>([
    [undefined, [], undefined],
    ["Background", [], undefined],
    ["Foreground", [], ["foregroundDeletion"]],
    ["Orphan", [], ["orphan"]],
    [undefined, ["orphan"], ["orphan"]],
    [undefined, ["foregroundDeletion"], ["foregroundDeletion"]],
    ["Background", ["orphan"], undefined],
    ["Foreground", ["orphan", "a.b/c"], ["a.b/c", "foregroundDeletion"]],
  ])("%s with finalizers %j leaves %j", (propagationPolicy, finalizers, wanted) => {
    const owner = new Case({ ...set, metadata: { ...set.metadata, finalizers } });
    owner.delete(propagationPolicy === undefined ? {} : { propagationPolicy });
    if (wanted === undefined) return expect(owner.object).toBeUndefined();
    const { metadata } = owner;
    expect(metadata.finalizers).toEqual(wanted);
    expect(metadata.deletionGracePeriodSeconds).toBe(0);
    expect(metadata.deletionTimestamp).toBeDefined();
    expect(metadata.generation).toBe(2); // the first mark counts as a change
  });

  test("a second deletion may change its mind, and marks nothing twice", () => {
    const owner = new Case(set);
    owner.delete({ propagationPolicy: "Foreground" });
    const { resourceVersion } = owner.metadata;
    owner.delete({ propagationPolicy: "Foreground" });
    expect(owner.metadata.resourceVersion).toBe(resourceVersion);
    owner.delete({ propagationPolicy: "Orphan" });
    expect(owner.metadata.finalizers).toEqual(["orphan"]);
    owner.delete({ propagationPolicy: "Background" });
    expect(owner.object).toBeUndefined();
  });

  test("a batch/v1 Job keeps its pods unless told otherwise", () => {
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "j", namespace: "default" },
      spec: {
        template: {
          spec: { restartPolicy: "Never", containers: [{ name: "main", image: "b:1" }] },
        },
      },
    };
    const kept = new Case(job);
    kept.delete();
    expect(kept.metadata.finalizers).toEqual(["orphan"]);
    kept.delete({ propagationPolicy: "Background" });
    expect(kept.object).toBeUndefined();
  });

  test("an unknown policy is refused", () => {
    const answer = new Case(set).delete({ propagationPolicy: "Never" as "Orphan" });
    expect(answer.code).toBe(422);
    expect(answer.message).toContain('propagationPolicy: Unsupported value: "Never"');
  });
});

describe("preconditions", () => {
  test.each<[DeleteOptions, string]>([
    [{ uid: "u" }, "the UID in the precondition (u) does not match the UID in record ("],
    [
      { resourceVersion: "1" },
      "the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (",
    ],
  ])("%j that does not hold is a conflict", (options, text) => {
    const owner = new Case(set);
    const answer = owner.delete(options);
    expect([answer.code, answer.reason]).toEqual([409, "Conflict"]);
    expect(answer.message).toContain(
      `Operation cannot be fulfilled on ReplicaSet.apps "web": ${text}`,
    );
    expect(owner.object).toBeDefined();
  });

  test("those that hold let it go", () => {
    const owner = new Case(set);
    const { uid, resourceVersion } = owner.metadata;
    expect(owner.delete({ uid, resourceVersion }).code).toBe(200);
    expect(owner.object).toBeUndefined();
  });
});

describe("an object that is being deleted", () => {
  test("gets no new finalizers", () => {
    const owner = new Case({ ...set, metadata: { ...set.metadata, finalizers: ["a.b/c"] } });
    owner.delete();
    const answer = owner.patch({ metadata: { finalizers: ["a.b/c", "a.b/d"] } });
    expect([answer.code, answer.reason]).toEqual([422, "Invalid"]);
    expect(answer.message).toBe(
      'ReplicaSet.apps "web" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/d"}',
    );
  });

  test("stays so after an update that does not say it", () => {
    const owner = new Case({ ...set, metadata: { ...set.metadata, finalizers: ["a.b/c"] } });
    owner.delete();
    const { deletionTimestamp, deletionGracePeriodSeconds, ...metadata } = owner.metadata;
    const { plane, record } = owner;
    const labelled = { ...metadata, labels: { a: "b" } };
    plane.client.update(
      record,
      { ...owner.object, metadata: labelled } as ApiObject,
      "",
      plane.done,
      undefined,
    );
    expect(plane.answer().code).toBe(200);
    expect(owner.metadata).toMatchObject({
      deletionTimestamp,
      deletionGracePeriodSeconds,
      labels: { a: "b" },
    });
  });

  test.each([
    [["plain"], 'metadata.finalizers[0]: Invalid value: "plain": name is neither a standard'],
    [["orphan", "foregroundDeletion"], "cannot be both set"],
  ])("finalizers %j are invalid anyhow", (finalizers, text) => {
    const plane = new ControlPlane();
    const answer = plane.create({ ...set, metadata: { ...set.metadata, finalizers } });
    expect(answer.code).toBe(422);
    expect(answer.message).toContain(text);
  });
});

describe("a namespace", () => {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } };

  test("is created with the finalizer of its controller and a label with its name", () => {
    const { object } = new Case(namespace);
    expect((object as Namespace).spec.finalizers).toEqual(["kubernetes"]);
    expect(object?.metadata.labels).toEqual({ "kubernetes.io/metadata.name": "team" });
  });

  test("is terminating from its deletion until it is finalized", () => {
    const team = new Case(namespace);
    team.delete();
    expect((team.object as Namespace).status.phase).toBe("Terminating");
    expect(team.metadata.deletionTimestamp).toBeDefined();
    team.delete(); // nothing more happens
    const { plane, record } = team;
    const finalized = { ...team.object, spec: { finalizers: [] } } as unknown as ApiObject;
    plane.client.update(record, finalized, "", plane.done, undefined);
    plane.settle();
    expect((team.object as Namespace).spec.finalizers).toEqual(["kubernetes"]);
    plane.client.update(record, finalized, "finalize", plane.done, undefined);
    plane.settle();
    expect(team.object).toBeUndefined();
  });

  test("that the cluster needs may not be deleted", () => {
    const plane = new ControlPlane();
    const record = plane.etcd.record("Namespace", "", "default");
    plane.client.delete(record, {}, plane.done, undefined);
    const answer = plane.answer();
    expect([answer.code, answer.reason, answer.message]).toEqual([
      403,
      "Forbidden",
      'namespaces "default" is forbidden: this namespace may not be deleted',
    ]);
  });

  test("that has a finalizer in its metadata waits for that too", () => {
    const team = new Case({ ...namespace, metadata: { name: "team", finalizers: ["a.b/c"] } });
    team.delete();
    const { plane, record } = team;
    const finalized = { ...team.object, spec: { finalizers: [] } } as unknown as ApiObject;
    plane.client.update(record, finalized, "finalize", plane.done, undefined);
    plane.settle();
    expect(team.object).toBeDefined();
    team.patch({ metadata: { finalizers: [] } });
    expect(team.object).toBeUndefined();
  });
});

describe("a deletecollection", () => {
  test("deletes each object of the kind in the namespace, and answers with what was there", () => {
    const plane = new ControlPlane();
    plane.store({ apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } });
    const account = { name: "default", namespace: "other" };
    plane.store({ apiVersion: "v1", kind: "ServiceAccount", metadata: account });
    for (const name of ["b", "a"]) plane.create(podManifest(name));
    plane.create({ ...podManifest("c"), metadata: { name: "c", namespace: "other" } });
    const bound = plane.etcd.record("Pod", "default", "b");
    plane.client.bind(bound, { nodeName: "n1", uid: "" }, plane.done, undefined);
    plane.settle();
    const body = { namespace: "default", options: { gracePeriodSeconds: 3 } };
    plane.client.deleteCollection("Pod", body, plane.done, undefined);
    const answer = plane.answer();
    expect(answer.code).toBe(200);
    expect(answer.items.map(({ record }) => record.key)).toEqual(["default/a", "default/b"]);
    expect(plane.etcd.list("Pod").map(({ key }) => key)).toEqual(["default/b", "other/c"]);
    expect(bound.stored?.metadata.deletionGracePeriodSeconds).toBe(3);
  });
});

describe("a deletion while etcd is full", () => {
  const NO_SPACE = "etcdserver: mvcc: database space exceeded";

  test.each<[string, object, DeleteOptions, number]>([
    ["that erases the key goes through", {}, { gracePeriodSeconds: 0 }, 200],
    ["that marks a pod on a node is a write", {}, {}, 500],
    ["that waits for a finalizer is a write", { finalizers: ["a.io/x"] }, {}, 500],
  ])("%s", (_, metadata, options, code) => {
    const manifest = podManifest("a");
    const pod = new Case({ ...manifest, metadata: { ...manifest.metadata, ...metadata } });
    pod.bind();
    pod.plane.etcd.space.state.hasAlarm = true;
    const answer = pod.delete(options);
    expect([answer.code, answer.message]).toEqual([code, code === 200 ? "" : NO_SPACE]);
    expect(pod.object === undefined).toBe(code === 200);
    expect(pod.object?.metadata.deletionTimestamp).toBeUndefined();
  });

  test("goes through where an update takes off the last finalizer, which erases the key", () => {
    const metadata = { name: "a", namespace: "default", finalizers: ["a.io/x", "a.io/y"] };
    const pod = new Case({ ...podManifest("a"), metadata });
    pod.delete({ gracePeriodSeconds: 0 });
    pod.plane.etcd.space.state.hasAlarm = true;
    const finalize = (finalizers: string[]): [number, string] => {
      const { code, message } = pod.patch({ metadata: { finalizers } });
      return [code, message];
    };
    expect(finalize(["a.io/x"])).toEqual([500, NO_SPACE]);
    expect(finalize([])).toEqual([200, ""]);
    expect(pod.object).toBeUndefined();
  });

  test("goes through where a namespace that is empty is finalized", () => {
    const team = new Case({ apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } });
    team.delete();
    const { plane, record } = team;
    plane.etcd.space.state.hasAlarm = true;
    const body = { ...team.object, spec: { finalizers: [] } } as unknown as Namespace;
    plane.client.update(record, body, "finalize", plane.done, undefined);
    expect([plane.answer().code, team.object]).toEqual([200, undefined]);
  });

  test("by an eviction is a write, of the budget and of the pod", () => {
    const pod = new Case(podManifest("a"));
    const { plane, record } = pod;
    plane.etcd.space.state.hasAlarm = true;
    plane.client.evict(record, { gracePeriodSeconds: 0 }, plane.done, undefined);
    expect(plane.answer().message).toBe(NO_SPACE);
    expect(pod.object).toBeDefined();
  });

  test("of a namespace is a write, that of a collection is as good as its parts", () => {
    const team = new Case({ apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } });
    team.plane.create(podManifest("a"));
    team.plane.etcd.space.state.hasAlarm = true;
    expect(team.delete().message).toBe(NO_SPACE);
    const { plane } = team;
    const body = { namespace: "default", options: {} };
    plane.client.deleteCollection("Pod", body, plane.done, undefined);
    expect(plane.answer().code).toBe(200);
    expect(plane.etcd.list("Pod")).toEqual([]);
  });
});
