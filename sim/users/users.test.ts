import { describe, expect, test, vi } from "vitest";
import { ControllerWorld, deployment, SECOND } from "../../test/controllers-fixture.ts";
import type { Deployment, Manifest, Node, Pod, UserOperationFact } from "../api/index.ts";
import { LAST_APPLIED_ANNOTATION, type Operation, Users } from "./index.ts";

const NOTHING: Operation = {
  verb: "label",
  object: { kind: "Node", metadata: { name: "n0" } },
  values: {},
  source: "nothing",
};

class UserWorld extends ControllerWorld {
  readonly facts: UserOperationFact[] = [];
  readonly users: Users;

  constructor() {
    super();
    const nodes = { has: () => true, isJoining: () => false, register: () => {} };
    const { kernel, trace, etcd, user } = this;
    this.users = new Users({ kernel, trace, client: user, etcd, nodes });
    trace.userOperation.subscribe((fact) => this.facts.push(fact));
  }

  /** Does one thing, lets 20 s pass, and says how it ended. */
  do(
    operation: Operation | Omit<Operation, "source">,
    seconds = 20,
  ): UserOperationFact | undefined {
    const { operations } = this.users;
    const atUs = Math.max(this.kernel.nowUs, operations.lastTimeUs);
    operations.append(atUs, { source: "test", ...operation } as Operation);
    // Time passes as far as it is known that nothing else comes.
    operations.append(atUs + seconds * SECOND, { ...NOTHING });
    this.run(seconds);
    return this.facts.filter(({ source }) => source === "test").at(-1);
  }

  web(): Deployment {
    return this.record("Deployment", "web").stored as Deployment;
  }

  images(): string[] {
    return this.pods.map((pod) => pod.spec.containers[0]?.image ?? "").sort();
  }
}

const about = (kind: string, name: string): Manifest => {
  const metadata = kind === "Node" ? { name } : { name, namespace: "default" };
  return { kind, metadata };
};
const web = about("Deployment", "web");
const manifest = (spec: object = {}): Manifest => deployment("web", 2, spec);

describe("kubectl apply", () => {
  test("creates what is absent, and keeps the manifest in an annotation", () => {
    const world = new UserWorld();
    const fact = world.do({ verb: "apply", object: manifest() });
    expect(fact).toMatchObject({
      verb: "apply",
      kind: "Deployment",
      key: "default/web",
      code: 201,
    });
    const text = world.web().metadata.annotations?.[LAST_APPLIED_ANNOTATION] ?? "";
    expect(JSON.parse(text)).toEqual({
      ...manifest(),
      metadata: { name: "web", namespace: "default", annotations: {} },
    });
  });

  test("applied again, nothing is sent", () => {
    const world = new UserWorld();
    world.do({ verb: "apply", object: manifest() });
    const { resourceVersion } = world.web().metadata;
    expect(world.do({ verb: "apply", object: manifest() })).toMatchObject({ code: 200 });
    expect(world.web().metadata.resourceVersion).toBe(resourceVersion);
  });

  test("what left the manifest goes, what others set stays", () => {
    const world = new UserWorld();
    world.do({ verb: "apply", object: manifest({ minReadySeconds: 5 }) });
    world.do({ verb: "label", object: web, values: { team: "a" } });
    world.do({ verb: "scale", object: web, replicas: 4 });
    const { replicas: _own, ...spec } = manifest().spec as { replicas: number };
    world.do({ verb: "apply", object: { ...manifest(), spec: { ...spec, replicas: 3 } } });
    expect(world.web().spec).toMatchObject({ minReadySeconds: 0, replicas: 3 });
    expect(world.web().metadata.labels).toEqual({ team: "a" });
  });
});

describe("kubectl --as", () => {
  test("is a client of its own to the API server, and no flow of the administrator's", () => {
    const world = new UserWorld();
    const requests = new Set<string>();
    world.trace.apiRequest.subscribe(({ client, flowSchema }) => {
      if (client.startsWith("user/")) requests.add(`${client} ${flowSchema}`);
    });
    world.do({ verb: "apply", object: manifest(), as: "ann" });
    world.do({ verb: "scale", object: web, replicas: 1, as: "bob" });
    world.do({ verb: "drain", object: about("Node", "n1"), as: "ann" });
    expect([...requests]).toEqual(["user/ann global-default", "user/bob global-default"]);
    expect(world.web().spec.replicas).toBe(1);
    expect(world.facts.every(({ code }) => code < 300)).toBe(true);
  });
});

describe("kubectl rollout", () => {
  const rolled = (): UserWorld => {
    const world = new UserWorld();
    world.do({ verb: "apply", object: manifest() });
    world.do({ verb: "setImage", object: web, images: { main: "web:2" } });
    return world;
  };

  test("set image rolls out, undo rolls back to the revision before", () => {
    const world = rolled();
    expect(world.images()).toEqual(["web:2", "web:2"]);
    expect(world.do({ verb: "rolloutUndo", object: web })).toMatchObject({ code: 200 });
    expect(world.images()).toEqual(["web:1", "web:1"]);
    world.do({ verb: "rolloutUndo", object: web });
    expect(world.images()).toEqual(["web:2", "web:2"]);
  });

  test("undo to a revision", () => {
    const world = rolled();
    world.do({ verb: "setImage", object: web, images: { "*": "web:3" } });
    world.do({ verb: "rolloutUndo", object: web, toRevision: 1 });
    expect(world.images()).toEqual(["web:1", "web:1"]);
  });

  test.each(["StatefulSet", "DaemonSet"])("undo of a %s applies the old revision", (kind) => {
    const world = new UserWorld();
    const { spec } = manifest() as { spec: Record<string, unknown> };
    const { replicas: _replicas, ...rest } = spec;
    world.do({ verb: "apply", object: { ...manifest(), kind, spec: rest } });
    const set = about(kind, "web");
    world.do({ verb: "setImage", object: set, images: { main: "web:2" } });
    const image = (): string | undefined =>
      (world.record(kind, "web").stored as Deployment).spec.template?.spec?.containers[0]?.image;
    expect(image()).toBe("web:2");
    expect(world.do({ verb: "rolloutUndo", object: set })).toMatchObject({ code: 200 });
    expect(image()).toBe("web:1");
  });

  test("restart replaces the pods by equal ones", () => {
    const world = rolled();
    const before = new Set(world.pods.map(({ metadata }) => metadata.uid));
    world.do({ verb: "rolloutRestart", object: web });
    expect(world.images()).toEqual(["web:2", "web:2"]);
    expect(world.pods.some(({ metadata }) => before.has(metadata.uid))).toBe(false);
    const { annotations } = world.web().spec.template?.metadata ?? {};
    expect(annotations?.["kubectl.kubernetes.io/restartedAt"]).toMatch(/^2024-01-01T/);
  });

  test("a paused roll-out waits until it is resumed", () => {
    const world = rolled();
    world.do({ verb: "rolloutPause", object: web });
    world.do({ verb: "setImage", object: web, images: { main: "web:3" } });
    expect(world.images()).toEqual(["web:2", "web:2"]);
    world.do({ verb: "rolloutResume", object: web });
    expect(world.images()).toEqual(["web:3", "web:3"]);
  });

  test.each([
    [
      "a revision that is not there",
      { toRevision: 9 },
      "unable to find specified revision 9 in history",
    ],
    ["no history", {}, 'no rollout history found for deployment "web"'],
  ])("undo with %s is a mistake", (_case, options, message) => {
    const world = new UserWorld();
    world.do({ verb: "apply", object: manifest() });
    expect(() => world.do({ verb: "rolloutUndo", object: web, ...options })).toThrow(
      expect.objectContaining({ name: "InputError", message: `test: ${message}` }),
    );
  });
});

describe("kubectl label, annotate, taint, cordon, patch", () => {
  const node = about("Node", "n0");
  const stored = (world: UserWorld): Node => world.etcd.record("Node", "", "n0").stored as Node;

  test("labels and annotations are set and taken off", () => {
    const world = new UserWorld();
    world.do({ verb: "label", object: node, values: { a: "1", b: "2" } });
    world.do({ verb: "label", object: node, values: { a: null, b: "3" } });
    world.do({ verb: "annotate", object: node, values: { note: "x" } });
    expect(stored(world).metadata.labels).toMatchObject({ b: "3" });
    expect(stored(world).metadata.labels).not.toHaveProperty("a");
    expect(stored(world).metadata.annotations).toEqual({ note: "x" });
  });

  test.each([
    [["a=1:NoSchedule"], [{ key: "a", value: "1", effect: "NoSchedule" }]],
    [["a=1:NoSchedule", "a=2:NoSchedule"], [{ key: "a", value: "2", effect: "NoSchedule" }]],
    [["a:NoExecute", "a:NoSchedule", "a:NoExecute-"], [{ key: "a", effect: "NoSchedule" }]],
    [["a:NoExecute", "a:NoSchedule", "a-"], []],
  ])("taint %j", (taints, expected) => {
    const world = new UserWorld();
    world.do({ verb: "taint", object: node, taints });
    const own = stored(world).spec.taints?.filter(({ key }) => key === "a") ?? [];
    expect(own).toEqual(expected);
  });

  test("cordon and uncordon", () => {
    const world = new UserWorld();
    world.do({ verb: "cordon", object: node });
    expect(stored(world).spec.unschedulable).toBe(true);
    world.do({ verb: "uncordon", object: node });
    expect(stored(world).spec).not.toHaveProperty("unschedulable");
  });

  test.each([
    ["strategic", undefined, { spec: { minReadySeconds: 3 } }],
    ["merge", "merge", { spec: { minReadySeconds: 3 } }],
    ["JSON", "json", [{ op: "replace", path: "/spec/minReadySeconds", value: 3 }]],
  ] as const)("a %s patch", (_case, patchType, patch) => {
    const world = new UserWorld();
    world.do({ verb: "create", object: manifest() });
    const options = patchType === undefined ? {} : { patchType };
    world.do({ verb: "patch", object: web, patch, ...options } as unknown as Operation);
    expect(world.web().spec.minReadySeconds).toBe(3);
  });

  test.each([
    [
      "an unknown field",
      undefined,
      { spec: { replicaz: 3 } },
      /strict decoding error: unknown field "spec.replicaz"; did you mean "replicas"\?$/,
    ],
    [
      "a wrong type",
      "merge",
      { spec: { replicas: "3" } },
      /spec.replicas: Invalid value: "3": must be of type integer$/,
    ],
    [
      "an invalid value",
      undefined,
      { spec: { replicas: -1 } },
      /spec.replicas: Invalid value: -1: must be greater than or equal to 0$/,
    ],
    [
      "a failed test",
      "json",
      [{ op: "test", path: "/spec/replicas", value: 9 }],
      /the server rejected our request due to an error in our request$/,
    ],
    ["a malformed JSON patch", "json", { spec: {} }, /cannot unmarshal object/],
    [
      "another name",
      "merge",
      { metadata: { name: "x" } },
      /the name of the object \(x\) does not match the name on the URL \(web\)$/,
    ],
  ] as const)("a patch with %s is a mistake", (_case, patchType, patch, message) => {
    const world = new UserWorld();
    world.do({ verb: "create", object: manifest() });
    const options = patchType === undefined ? {} : { patchType };
    const operation = { verb: "patch", object: web, patch, ...options } as unknown as Operation;
    expect(() => world.do(operation)).toThrow(message);
  });
});

describe("kubectl drain", () => {
  test("cordons the node, evicts its pods, and ends when they are gone", () => {
    const world = new UserWorld();
    world.do({ verb: "create", object: manifest({ replicas: 6 }) });
    const on = (name: string): Pod[] => world.pods.filter(({ spec }) => spec.nodeName === name);
    const before = new Set(on("n0").map(({ metadata }) => metadata.uid));
    expect(before.size).toBe(2);
    const fact = world.do({ verb: "drain", object: about("Node", "n0") });
    expect(fact).toMatchObject({ verb: "drain", key: "n0", code: 200 });
    // The instant nodes of this fixture take pods also where they are cordoned.
    expect(on("n0").some(({ metadata }) => before.has(metadata.uid))).toBe(false);
  });

  test("waits 5 s where a PodDisruptionBudget allows no eviction, up to its time", () => {
    const world = new UserWorld();
    world.do({ verb: "create", object: manifest({ replicas: 3 }) });
    world.do({
      verb: "create",
      object: {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { name: "web", namespace: "default" },
        spec: { minAvailable: 3, selector: { matchLabels: { app: "web" } } },
      },
    });
    const evictions: number[] = [];
    world.trace.apiRequest.subscribe((fact) => {
      if (fact.subresource === "eviction") evictions.push(fact.issuedUs);
    });
    const timeoutUs = 72 * SECOND;
    const fact = world.do({ verb: "drain", object: about("Node", "n0"), timeoutUs }, 90);
    expect(fact).toMatchObject({ code: 504, reason: "Timeout" });
    expect(fact?.message).toMatch(/global timeout reached: 1m12s$/);
    const gaps = evictions.map((us, i) => Math.round((us - (evictions[i - 1] ?? us)) / SECOND));
    expect(gaps).toEqual([0, ...new Array<number>(gaps.length - 1).fill(5)]);
  });
});

describe("refusals", () => {
  test("a name that is taken is a mistake of the input", () => {
    const world = new UserWorld();
    world.do({ verb: "create", object: manifest() });
    expect(() => world.do({ verb: "create", object: manifest() })).toThrow(
      'test: deployments.apps "web" already exists',
    );
  });

  test("a generated name that is taken by chance is reported", () => {
    const object = { kind: "ServiceAccount", metadata: { generateName: "bot-" } };
    const before = new UserWorld();
    let made = "";
    before.trace.committed.subscribe(({ record }) => {
      if (record.kind === "ServiceAccount") made = record.name;
    });
    before.do({ verb: "create", object });
    const world = new UserWorld(); // the same draws
    world.create({ kind: "ServiceAccount", metadata: { name: made, namespace: "default" } });
    expect(world.do({ verb: "create", object })).toMatchObject({
      code: 409,
      reason: "AlreadyExists",
    });
  });

  test("deleting what is not there is reported", () => {
    const world = new UserWorld();
    expect(world.do({ verb: "delete", object: web })).toMatchObject({
      code: 404,
      reason: "NotFound",
    });
  });

  const podIn = (namespace: string): Manifest => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a", namespace },
    spec: { containers: [{ name: "main", image: "a:1" }] },
  });

  test("a namespace that is not there is a mistake of the input", () => {
    const world = new UserWorld();
    expect(() => world.do({ verb: "create", object: podIn("gone") })).toThrow(
      'test: namespaces "gone" not found',
    );
  });

  test("a namespace that is going away is an outcome, and reported", () => {
    const world = new UserWorld();
    const finalizers = ["example.com/hold"];
    world.do({
      verb: "create",
      object: { ...podIn("other"), metadata: { ...podIn("other").metadata, finalizers } },
    });
    world.do({ verb: "delete", object: about("Namespace", "other") }, 0.02);
    const object = { ...podIn("other"), metadata: { name: "b", namespace: "other" } };
    expect(world.do({ verb: "create", object })).toMatchObject({
      key: "other/b",
      code: 403,
      reason: "Forbidden",
      message: expect.stringContaining("because it is being terminated"),
    });
  });
});

describe("kubectl apply --server-side", () => {
  test("creates, then refuses what another manager owns, and takes it over by force", () => {
    const world = new UserWorld();
    const apply = { verb: "apply", serverSide: true } as const;
    expect(world.do({ ...apply, object: manifest() })).toMatchObject({ code: 201 });
    world.do({ verb: "patch", object: web, patch: { spec: { replicas: 3 } } });
    const refused = world.do({ ...apply, object: manifest() });
    expect(refused).toMatchObject({
      code: 409,
      reason: "Conflict",
      message:
        'Apply failed with 1 conflict: conflict with "kubectl-patch" using apps/v1: .spec.replicas',
    });
    expect(world.do({ ...apply, object: manifest(), force: true })).toMatchObject({ code: 200 });
    expect(world.web().spec.replicas).toBe(2);
  });
});

describe("kubectl get", () => {
  const pods = { kind: "Pod", metadata: { namespace: "default" } };

  test("of an object is one GET", () => {
    const world = new UserWorld();
    world.do({ verb: "apply", object: manifest() });
    expect(world.do({ verb: "get", object: web })).toMatchObject({
      ...{ verb: "get", kind: "Deployment", key: "default/web", code: 200 },
    });
  });

  test("of what does not exist is a result", () => {
    const world = new UserWorld();
    expect(world.do({ verb: "get", object: web })).toMatchObject({
      ...{ code: 404, reason: "NotFound", message: 'deployments.apps "web" not found' },
    });
  });

  test("of a kind is a LIST in pages, which go on at the first one's revision", () => {
    const world = new UserWorld();
    world.do({ verb: "apply", object: deployment("web", 5) });
    const list = vi.spyOn(world.user, "list");
    const fact = world.do({ verb: "list", object: pods, limit: 2, resourceVersion: "0" });
    expect(fact).toMatchObject({ verb: "list", kind: "Pod", key: "default/", code: 200 });
    const token = expect.any(String);
    expect(list.mock.calls.map(([kind, selection]) => [kind, selection])).toEqual([
      ["Pod", { namespace: "default", limit: 2, resourceVersion: "0" }],
      ["Pod", { namespace: "default", limit: 2, continueToken: token }],
      ["Pod", { namespace: "default", limit: 2, continueToken: token }],
    ]);
  });

  test.each<[string, object, object]>([
    ["all, in pages of 500", {}, { namespace: "default", limit: 500 }],
    ["all at once", { limit: 0 }, { namespace: "default" }],
    [
      "by label and field",
      { selector: "app=web", fieldSelector: "status.phase=Running" },
      {
        ...{ namespace: "default", limit: 500 },
        ...{ labelSelector: "app=web", fieldSelector: "status.phase=Running" },
      },
    ],
    ["of all namespaces", { allNamespaces: true }, { limit: 500 }],
    [
      "at a revision",
      { resourceVersion: "3", resourceVersionMatch: "NotOlderThan", limit: 0 },
      { namespace: "default", resourceVersion: "3", resourceVersionMatch: "NotOlderThan" },
    ],
  ])("asks for %s", (_, options, selection) => {
    const world = new UserWorld();
    world.do({ verb: "apply", object: deployment("web", 3) });
    const list = vi.spyOn(world.user, "list");
    const fact = world.do({ verb: "list", object: pods, ...options } as Operation);
    expect(fact?.code).toBe(200);
    expect(list.mock.calls.map((call) => call[1])).toEqual([selection]);
  });

  test("with a selector that is none is a mistake", () => {
    const world = new UserWorld();
    expect(() => world.do({ verb: "list", object: pods, fieldSelector: "spec.color=red" })).toThrow(
      "test: field label not supported: spec.color",
    );
  });
});

describe("an object that is large", () => {
  const MIB = 1_048_576;

  test.each<[number, number, string]>([
    [1.5 * MIB, 200, ""],
    [1.5 * MIB + 1, 500, "etcdserver: request is too large"],
    [
      2 * MIB + 1,
      500,
      "rpc error: code = ResourceExhausted desc = trying to send message larger than max (2097153 vs. 2097152)",
    ],
  ])("of %i bytes is stored or refused by etcd", (bytes, code, message) => {
    const world = new UserWorld();
    const fact = world.do({ verb: "create", object: manifest(), bytes });
    expect([fact?.code === 201 ? 200 : fact?.code, fact?.message]).toEqual([code, message]);
    expect(world.record("Deployment", "web").stored === undefined).toBe(code !== 200);
  });

  test("is not read beyond 3 MiB, which is a mistake", () => {
    const world = new UserWorld();
    const bytes = 3 * MIB + 1;
    expect(() => world.do({ verb: "create", object: manifest(), bytes })).toThrow(
      "test: Request entity is too large: limit is 3145728",
    );
    expect(() =>
      new UserWorld().do({ verb: "apply", object: manifest(), bytes: 1.5 * MIB + 1 }),
    ).toThrow("limit is 3145728"); // the annotation doubles it
    expect(() =>
      new UserWorld().do({ verb: "apply", serverSide: true, object: manifest(), bytes }),
    ).toThrow("limit is 3145728");
  });
});
