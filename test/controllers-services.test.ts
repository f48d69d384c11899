import { describe, expect, test } from "vitest";
import type { KeyRecord, Manifest, Service } from "../sim/api/index.ts";
import { ControllerWorld, deployment } from "./controllers-fixture.ts";

const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";
const TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

const service = (name: string, spec: object = {}, metadata: object = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default", ...metadata },
  spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }], ...spec },
});

const stored = (record: KeyRecord): Service | undefined => record.stored as Service | undefined;
const address = (record: KeyRecord): string | undefined =>
  stored(record)?.status.loadBalancer?.ingress?.[0]?.ip;

describe("the cloud's load balancer", () => {
  test("is made some time after its Service, and the Service tells its address", () => {
    const world = new ControllerWorld({ writesEvents: true });
    const record = world.create(service("web", { type: "LoadBalancer" }));
    world.run(1);
    expect(stored(record)?.metadata.finalizers).toEqual([FINALIZER]);
    expect(address(record)).toBeUndefined();
    world.run(120);
    expect(address(record)).toMatch(/^198\.1[89]\./);
    const reasons = world.list("Event").map((event) => (event as { reason?: string }).reason);
    expect(reasons.filter((reason) => reason?.endsWith("LoadBalancer")).sort()).toEqual([
      "EnsuredLoadBalancer",
      "EnsuringLoadBalancer",
    ]);
  });

  test("is deleted before its Service goes", () => {
    const world = new ControllerWorld();
    const record = world.create(service("web", { type: "LoadBalancer" }));
    world.run(120);
    world.remove(record);
    world.run(1);
    expect(stored(record)?.metadata.deletionTimestamp).toBeDefined();
    world.run(120);
    expect(stored(record)).toBeUndefined();
  });

  test("goes when the Service becomes one of another type", () => {
    const world = new ControllerWorld();
    const record = world.create(service("web", { type: "LoadBalancer" }));
    world.run(120);
    world.patch(record, { spec: { type: "ClusterIP" } });
    world.run(120);
    expect(address(record)).toBeUndefined();
    expect(stored(record)?.metadata.finalizers ?? []).toEqual([]);
    expect(stored(record)?.spec.type).toBe("ClusterIP");
  });

  test("has an address of its own, and they are made one after the other", () => {
    const world = new ControllerWorld();
    const records = ["a", "b", "c"].map((name) =>
      world.create(service(name, { type: "LoadBalancer" })),
    );
    const seen = new Set<string | undefined>();
    for (let i = 0; i < 400; i++) {
      const before = seen.size;
      world.run(1);
      for (const record of records) if (address(record) !== undefined) seen.add(address(record));
      expect(seen.size - before).toBeLessThanOrEqual(1);
    }
    expect(seen.size).toBe(3);
  });

  test("is somebody else's for a class, and none for another type", () => {
    const world = new ControllerWorld();
    const records = [
      world.create(service("a", { type: "LoadBalancer", loadBalancerClass: "x.io/lb" })),
      world.create(service("b", { type: "NodePort" })),
    ];
    world.run(120);
    for (const record of records) {
      expect(address(record)).toBeUndefined();
      expect(stored(record)?.metadata.finalizers ?? []).toEqual([]);
    }
  });
});

describe("EndpointSlices", () => {
  test("tell since when there was something to tell", () => {
    const world = new ControllerWorld();
    const record = world.create(service("web"));
    world.run(3);
    const made = stored(record)?.metadata.creationTimestamp;
    expect(world.slices[0]?.metadata.annotations?.[TRIGGER_TIME]).toBe(made);
    world.run(10);
    world.create(deployment("web", 1));
    world.run(10);
    const [pod] = world.pods;
    const ready = pod?.status.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime;
    expect(ready).not.toBe(made);
    expect(world.slices[0]?.metadata.annotations?.[TRIGGER_TIME]).toBe(ready);
    world.patch(world.record("Pod", pod?.metadata.name ?? ""), {
      metadata: { labels: { app: "debug" } },
    });
    world.run(0.2); // before its successor is ready: no pod's readiness changed
    const empty = world.slices.find(({ endpoints }) => endpoints.length === 0);
    if (empty !== undefined) expect(empty.metadata.annotations?.[TRIGGER_TIME]).toBeUndefined();
  });

  test("have the labels of the Service, also those that it is given later", () => {
    const world = new ControllerWorld();
    const record = world.create(service("web", {}, { labels: { team: "a" } }));
    world.create(deployment("web", 2));
    world.run(5);
    expect(world.slices[0]?.metadata.labels).toMatchObject({ team: "a" });
    world.patch(record, { metadata: { labels: { team: "b" } } });
    world.run(5);
    expect(world.slices[0]?.metadata.labels).toEqual({
      team: "b",
      "kubernetes.io/service-name": "web",
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    });
  });

  test("are put right when somebody else changed them", () => {
    const world = new ControllerWorld();
    world.create(service("web"));
    world.create(deployment("web", 3));
    world.run(5);
    const [slice] = world.slices;
    const wanted = slice?.endpoints;
    world.patch(world.record("EndpointSlice", slice?.metadata.name ?? ""), {
      endpoints: wanted?.slice(1),
    } as unknown as Manifest);
    world.run(5);
    const uids = (endpoints: typeof wanted) =>
      (endpoints ?? []).map(({ targetRef }) => targetRef?.uid).sort();
    expect(uids(world.slices[0]?.endpoints)).toEqual(uids(wanted));
  });

  test("tell the hostname of pods that have one in the Service's domain", () => {
    const world = new ControllerWorld();
    world.create(service("web", { clusterIP: "None" }));
    world.create({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db", namespace: "default" },
      spec: {
        serviceName: "web",
        replicas: 2,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "main", image: "db:1" }] },
        },
      },
    });
    world.run(10);
    const names = world.slices.flatMap(({ endpoints }) => endpoints.map((each) => each.hostname));
    expect(names.sort()).toEqual(["db-0", "db-1"]);
  });

  test("leave a port out that the pods do not have", () => {
    const world = new ControllerWorld();
    const ports = [
      { name: "web", port: 80, targetPort: "http" },
      { name: "metrics", port: 9090, targetPort: "metrics" },
    ];
    world.create(service("web", { ports }));
    world.create(deployment("web", 1));
    world.run(5);
    expect(world.slices[0]?.ports?.map(({ name }) => name)).toEqual(["web"]);
    expect(world.slices[0]?.endpoints).toHaveLength(1);
  });

  test("hint at zones by their CPU when the Service asks for it, and no more when it does not", () => {
    const world = new ControllerWorld({ writesEvents: true });
    for (const { metadata } of world.list("Node"))
      world.patch(
        world.etcd.record("Node", "", metadata.name),
        {
          status: {
            allocatable: { cpu: "4" },
            conditions: [{ type: "Ready", status: "True" }],
          },
        },
        "status",
      );
    const mode = { annotations: { "service.kubernetes.io/topology-mode": "Auto" } };
    const record = world.create(service("web", {}, mode));
    world.create(deployment("web", 6));
    world.run(10);
    const endpoints = () => world.slices.flatMap((slice) => slice.endpoints);
    for (const { zone, hints } of endpoints())
      expect(hints).toEqual({ forZones: [{ name: zone }] });
    world.patch(record, {
      metadata: { annotations: { "service.kubernetes.io/topology-mode": "x" } },
    });
    world.run(10);
    for (const { hints } of endpoints()) expect(hints).toBeUndefined();
    const reasons = world.list("Event").map((event) => (event as { reason?: string }).reason);
    expect(reasons).toContain("TopologyAwareHintsEnabled");
    expect(reasons).toContain("TopologyAwareHintsDisabled");
  });
});
