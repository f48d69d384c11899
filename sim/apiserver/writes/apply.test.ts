import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ControlPlane } from "../../../test/control-plane.ts";
import type { ApiObject, Deployment, KeyRecord, Manifest } from "../../api/index.ts";
import type { ApiCall } from "../../client/index.ts";
import type { CallOptions } from "../api-call.ts";

type Fields = Record<string, unknown>;

const config = (spec: Fields = {}, metadata: Fields = {}): Manifest => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default", ...metadata },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "main", image: "web:1" }] },
    },
    ...spec,
  },
});
const containers = (...list: Fields[]): Fields => ({
  template: { metadata: { labels: { app: "web" } }, spec: { containers: list } },
});

class World {
  readonly plane = new ControlPlane();

  apply(fieldManager: string, manifest: Manifest, options: CallOptions = {}): ApiCall {
    return this.patch(manifest, { patchType: "apply", fieldManager, ...options });
  }

  patch(body: Manifest, options: CallOptions, subresource: "" | "status" = ""): ApiCall {
    const { client, done } = this.plane;
    client.patch(this.record, body, subresource, done, undefined, options);
    return this.plane.answer();
  }

  get record(): KeyRecord {
    return this.plane.etcd.record("Deployment", "default", "web");
  }

  get web(): Deployment {
    return this.record.stored as Deployment;
  }

  get image(): string | undefined {
    return this.web.spec.template?.spec?.containers[0]?.image;
  }

  /** Managers with the fields that they own, as their JSON. */
  managers(): Record<string, unknown> {
    const entries = this.record.stored?.metadata.managedFields ?? [];
    return Object.fromEntries(
      entries.map(({ manager, operation, fieldsV1 }) => [`${manager} ${operation}`, fieldsV1]),
    );
  }
}

describe("server-side apply", () => {
  test("creates the object where it is absent, with the fields of its manager", () => {
    const world = new World();
    const call = world.apply("a", config({ replicas: 3 }, { labels: { team: "x" } }));
    expect(call.code).toBe(201);
    expect(world.managers()).toEqual({
      "a Apply": {
        "f:metadata": { "f:labels": { "f:team": {} } },
        "f:spec": {
          "f:replicas": {},
          "f:selector": {},
          "f:template": {
            "f:metadata": { "f:labels": { "f:app": {} } },
            "f:spec": {
              "f:containers": { 'k:{"name":"main"}': { ".": {}, "f:image": {}, "f:name": {} } },
            },
          },
        },
      },
    });
    expect(world.web.metadata.managedFields?.[0]).toMatchObject({
      apiVersion: "apps/v1",
      fieldsType: "FieldsV1",
      time: "2024-01-01T00:00:00Z",
    });
  });

  test("applied again it changes nothing: no new revision", () => {
    const world = new World();
    world.apply("a", config({ replicas: 3 }));
    const { resourceVersion } = world.web.metadata;
    expect(world.apply("a", config({ replicas: 3 })).code).toBe(200);
    expect(world.web.metadata.resourceVersion).toBe(resourceVersion);
  });

  test("a field that its manager no longer applies goes, and gets its default", () => {
    const world = new World();
    world.apply("a", config({ replicas: 3, minReadySeconds: 5 }, { labels: { x: "1", y: "2" } }));
    world.apply("a", config({ replicas: 3 }, { labels: { y: "2" } }));
    expect(world.web.spec.minReadySeconds).toBe(0);
    expect(world.web.metadata.labels).toEqual({ y: "2" });
  });

  test("what another manager owns too stays", () => {
    const world = new World();
    world.apply("a", config({ replicas: 3 }));
    world.apply("b", config({ replicas: 3 }));
    world.apply("a", config());
    expect(world.web.spec.replicas).toBe(3);
    expect(world.apply("b", config()).code).toBe(200);
    expect(world.web.spec.replicas).toBe(1);
  });

  test("items of a list that is merged are owned one by one", () => {
    const world = new World();
    const main = { name: "main", image: "web:1" };
    world.apply("a", config(containers(main, { name: "log", image: "log:1" })));
    world.apply(
      "b",
      config(containers({ name: "log", image: "log:1" }, { name: "proxy", image: "p" })),
    );
    world.apply("a", config(containers(main)));
    const names = world.web.spec.template?.spec?.containers.map(({ name }) => name);
    expect(names).toEqual(["main", "log", "proxy"]);
    world.apply("b", config(containers({ name: "proxy", image: "p" })));
    expect(world.web.spec.template?.spec?.containers.map(({ name }) => name)).toEqual([
      "main",
      "proxy",
    ]);
  });

  test("a change of what another manager applied is a conflict", () => {
    const world = new World();
    world.apply("a", config({ replicas: 3 }));
    const call = world.apply("b", config({ replicas: 4 }));
    expect([call.code, call.reason, call.message]).toEqual([
      409,
      "Conflict",
      'Apply failed with 1 conflict: conflict with "a": .spec.replicas',
    ]);
    expect(world.web.spec.replicas).toBe(3);
  });

  test("several conflicts are listed by manager", () => {
    const world = new World();
    world.apply("a", config({ replicas: 3 }));
    const call = world.apply(
      "b",
      config({ replicas: 4, ...containers({ name: "main", image: "web:2" }) }),
    );
    expect(call.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "a":\n- .spec.replicas\n- .spec.template.spec.containers[name="main"].image',
    );
  });

  test("with force the fields change hands", () => {
    const world = new World();
    world.apply("a", config({ replicas: 3 }));
    expect(world.apply("b", config({ replicas: 4 }), { force: true }).code).toBe(200);
    expect(world.web.spec.replicas).toBe(4);
    expect(world.apply("a", config()).code).toBe(200);
    expect(world.web.spec.replicas).toBe(4); // it was no longer a's to take away
  });

  test("an update by somebody else takes the fields that it changes", () => {
    const world = new World();
    world.apply("a", config({ replicas: 3 }));
    world.patch({ spec: { replicas: 5 } }, { patchType: "merge", fieldManager: "kubectl" });
    expect(world.managers()["kubectl Update"]).toEqual({ "f:spec": { "f:replicas": {} } });
    expect(world.apply("a", config({ replicas: 3 })).message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas',
    );
    expect(world.apply("a", config({ replicas: 5 })).code).toBe(200);
    const status = { status: { replicas: 5 } };
    world.patch(status, { fieldManager: "controller" }, "status");
    expect(world.managers()["controller Update"]).toEqual({ "f:status": { "f:replicas": {} } });
  });

  test("objects that nobody applied carry no managed fields; what they had is before-first-apply's", () => {
    const world = new World();
    world.plane.create(config({ replicas: 3 }));
    world.patch({ spec: { replicas: 2 } }, { patchType: "merge" });
    expect(world.web.metadata.managedFields).toBeUndefined();
    expect(world.apply("a", config({ replicas: 4 })).message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas',
    );
    expect(world.apply("a", config({ replicas: 2 })).code).toBe(200);
    expect(Object.keys(world.managers())).toEqual(["a Apply", "before-first-apply Update"]);
  });

  test("kubectl goes over from client-side apply without conflicts", () => {
    const world = new World();
    const name = "kubectl.kubernetes.io/last-applied-configuration";
    const manifest = config({ replicas: 3 });
    const annotations = { [name]: JSON.stringify(manifest) };
    world.plane.create(config({ replicas: 3 }, { annotations }));
    expect(world.apply("kubectl", config({ replicas: 4 })).code).toBe(200);
    expect(world.web.spec.replicas).toBe(4);
  });

  test.each([
    [
      "no field manager",
      config(),
      { patchType: "apply" },
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      "managed fields of its own",
      config({}, { managedFields: [] }),
      { patchType: "apply", fieldManager: "a" },
      400,
      "metadata.managedFields must be nil",
    ],
    [
      "an unknown field",
      config({ replicaz: 1 }),
      { patchType: "apply", fieldManager: "a" },
      400,
      'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): unknown field "spec.replicaz"; did you mean "replicas"?',
    ],
    [
      "a uid, but no object",
      config({}, { uid: "1" }),
      { patchType: "apply", fieldManager: "a" },
      409,
      'Operation cannot be fulfilled on deployments.apps "web": uid mismatch: the provided object specified uid 1, and no existing object was found',
    ],
  ] as const)("with %s it is refused", (_case, body, options, code, message) => {
    const call = new World().patch(body, options);
    expect([call.code, call.message]).toEqual([code, message]);
  });

  test("force is for an apply only", () => {
    const world = new World();
    world.plane.create(config());
    expect(world.patch(config(), { patchType: "merge", force: true })).toMatchObject({ code: 422 });
  });

  const spec = fc
    .record(
      {
        replicas: fc.constantFrom(1, 2),
        minReadySeconds: fc.constantFrom(0, 3),
        paused: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((fields) => fields as Fields);

  test("two managers, any history: the last to force has what it said, and a repetition is silent", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("a", "b"), spec), { minLength: 1, maxLength: 6 }),
        (history) => {
          const world = new World();
          for (const [manager, fields] of history) {
            const call = world.apply(manager, config(fields), { force: true });
            expect(call.ok).toBe(true);
            expect(world.web.spec).toMatchObject(fields);
            const before: ApiObject = world.web;
            world.apply(manager, config(fields));
            expect(world.record.stored).toBe(before);
          }
        },
      ),
      { seed: 555, numRuns: 30 },
    );
  });

  test("applying never touches what only others set", () => {
    fc.assert(
      fc.property(spec, spec, (first, second) => {
        const world = new World();
        world.apply("a", config(first));
        world.patch(
          { spec: { revisionHistoryLimit: 3 } },
          { patchType: "merge", fieldManager: "x" },
        );
        world.apply("a", config(second));
        world.apply("a", config());
        expect(world.web.spec.revisionHistoryLimit).toBe(3);
        expect(world.image).toBe("web:1");
      }),
      { seed: 556, numRuns: 20 },
    );
  });
});
