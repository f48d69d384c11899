import { describe, expect, test } from "vitest";
import type { Manifest, Pod } from "../sim/api/index.ts";
import { ControllerWorld, deployment, template } from "./controllers-fixture.ts";

const service = (spec: object = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default" },
  spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }], ...spec },
});

describe("EndpointSlices of a Service", () => {
  test("name the pods, where they are, and whether they are ready", () => {
    const world = new ControllerWorld({
      fate: (_pod, number) => (number === 2 ? "unready" : "runs"),
    });
    const record = world.create(service());
    world.create(deployment("web", 3));
    world.run(5);
    const [slice, ...others] = world.slices;
    if (slice === undefined) throw new Error("no slice");
    expect(others).toEqual([]);
    expect(slice.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    expect(slice.metadata.labels).toEqual({
      "kubernetes.io/service-name": "web",
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    });
    expect(slice.metadata.ownerReferences).toMatchObject([
      { kind: "Service", uid: record.stored?.metadata.uid },
    ]);
    expect(slice.ports).toEqual([{ name: "", protocol: "TCP", port: 8080 }]);
    expect(slice.endpoints).toHaveLength(3);
    for (const endpoint of slice.endpoints) {
      const pod = world.pods.find(
        ({ metadata }) => metadata.uid === endpoint.targetRef?.uid,
      ) as Pod;
      expect(endpoint.addresses).toEqual([pod.status.podIP]);
      expect(endpoint.nodeName).toBe(pod.spec.nodeName);
      expect(endpoint.zone).toBe(`z${pod.spec.nodeName?.slice(1)}`);
    }
    const ready = slice.endpoints.map(({ conditions }) => conditions?.ready).sort();
    expect(ready).toEqual([false, true, true]);
  });

  test("follow readiness, deletion and labels", () => {
    const world = new ControllerWorld();
    world.create(service());
    world.create(deployment("web", 2));
    world.run(5);
    const endpoint = (uid: string) =>
      world.slices
        .flatMap(({ endpoints }) => endpoints)
        .find(({ targetRef }) => targetRef?.uid === uid);
    const [first, second] = world.pods as [Pod, Pod];
    world.setReady(first, false);
    world.run(2);
    expect(endpoint(first.metadata.uid)?.conditions).toEqual({
      ready: false,
      serving: false,
      terminating: false,
    });
    world.setReady(first, true);
    world.run(2);
    expect(endpoint(first.metadata.uid)?.conditions).toEqual({
      ready: true,
      serving: true,
      terminating: false,
    });
    const seen: unknown[] = [];
    world.trace.committed.subscribe(({ record, object }) => {
      if (record.kind !== "EndpointSlice") return;
      const { endpoints } = object as (typeof world.slices)[number];
      seen.push(
        endpoints.find(({ targetRef }) => targetRef?.uid === second.metadata.uid)?.conditions,
      );
    });
    world.patch(world.record("Pod", first.metadata.name), {
      metadata: { labels: { app: "debug" } },
    });
    world.run(2); // a sync for one change does not hide the other
    world.remove(world.record("Pod", second.metadata.name));
    world.run(5);
    expect(endpoint(first.metadata.uid)).toBeUndefined();
    expect(seen).toContainEqual({ ready: false, serving: true, terminating: true });
    expect(endpoint(second.metadata.uid)).toBeUndefined();
    expect(world.slices.flatMap(({ endpoints }) => endpoints)).toHaveLength(2);
  });

  test("hold a hundred endpoints each, and shrink again", () => {
    const world = new ControllerWorld();
    const record = world.create(deployment("web", 230));
    world.run(60);
    world.create(service());
    world.run(5);
    const sizes = world.slices.map(({ endpoints }) => endpoints.length);
    expect(sizes.sort((a, b) => a - b)).toEqual([30, 100, 100]);
    expect(
      new Set(
        world.slices.flatMap(({ endpoints }) => endpoints.map(({ targetRef }) => targetRef?.uid)),
      ).size,
    ).toBe(230);
    world.patch(record, { spec: { replicas: 0 } });
    world.run(60);
    expect(world.slices.map(({ endpoints }) => endpoints.length)).toEqual([0]);
  });

  test("are filled as pods come, which leaves them less than full, but never above a hundred", () => {
    const world = new ControllerWorld();
    world.create(service());
    world.create(deployment("web", 230));
    world.run(60);
    const sizes = world.slices.map(({ endpoints }) => endpoints.length);
    expect(sizes.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    const uids = world.slices.flatMap(({ endpoints }) =>
      endpoints.map(({ targetRef }) => targetRef?.uid),
    );
    expect(uids).toHaveLength(230);
    expect(new Set(uids).size).toBe(230);
  });

  test("are not made twice, however late the watch tells of them", () => {
    const world = new ControllerWorld({ watchDelivery: "uniform(1ms, 900ms)" });
    let made = 0;
    world.trace.committed.subscribe(({ type, record }) => {
      if (record.kind === "EndpointSlice" && type === "ADDED") made++;
    });
    world.create(service());
    world.create(deployment("web", 9));
    world.run(60);
    expect(made).toBe(1);
    expect(world.slices[0]?.endpoints).toHaveLength(9);
  });

  test("are made for pods that were there before the Service, and none without a selector", () => {
    const world = new ControllerWorld();
    world.create(deployment("web", 2));
    world.run(5);
    world.create(service());
    world.create({
      ...service({ selector: undefined }),
      metadata: { name: "bare", namespace: "default" },
    });
    world.run(5);
    expect(world.slices.map(({ endpoints }) => endpoints.length)).toEqual([2]);
  });

  test("have slices of their own for pods whose named port differs", () => {
    const world = new ControllerWorld();
    world.create(service());
    world.create(deployment("web", 1));
    const other = template("web") as { metadata: object; spec: { containers: object[] } };
    const ports = [{ name: "http", containerPort: 9090 }];
    const pod = { ...other, spec: { containers: [{ name: "main", image: "web:9", ports }] } };
    world.create({
      apiVersion: "v1",
      kind: "Pod",
      ...pod,
      metadata: { labels: { app: "web", v: "9" }, name: "p", namespace: "default" },
    });
    world.run(5);
    expect(world.slices.map((slice) => slice.ports?.[0]?.port).sort()).toEqual([8080, 9090]);
  });
});
