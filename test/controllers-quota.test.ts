import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asQuantities,
  type Manifest,
  type Pod,
  type ResourceQuota,
  type ServiceAccount,
} from "../sim/api/index.ts";
import { ControllerWorld } from "./controllers-fixture.ts";

const metadata = (name: string): object => ({ name, namespace: "default" });

function quota(hard: Record<string, string>, spec: object = {}): Manifest {
  return { kind: "ResourceQuota", metadata: metadata("q"), spec: { hard, ...spec } };
}

function pod(name: string, cpu = "100m"): Manifest {
  const containers = [{ name: "main", image: "app:1", resources: { requests: { cpu } } }];
  return { kind: "Pod", metadata: metadata(name), spec: { containers, restartPolicy: "Never" } };
}

function statusOf(world: ControllerWorld): ResourceQuota["status"] {
  return world.list<ResourceQuota>("ResourceQuota")[0]?.status ?? {};
}

describe("the status of a ResourceQuota", () => {
  test("counts what was there before, and follows the limits of its spec", () => {
    const world = new ControllerWorld();
    world.create(pod("a"));
    world.create(pod("b", "250m"));
    world.run(1);
    const record = world.create(quota({ "requests.cpu": "1", services: "2" }));
    world.run(2);
    expect(statusOf(world)).toEqual({
      hard: { "requests.cpu": "1", services: "2" },
      used: { "requests.cpu": "350m", services: "0" },
    });
    world.patch(record, { spec: { hard: { pods: "5" } } });
    world.run(2);
    expect(statusOf(world)).toEqual({
      hard: { "requests.cpu": "1", services: "2", pods: "5" },
      used: { "requests.cpu": "350m", services: "0", pods: "2" },
    });
  });

  test("gives back what is deleted, so that others can come", () => {
    const world = new ControllerWorld();
    world.create(quota({ pods: "1" }));
    world.run(1);
    const first = world.create(pod("a"));
    world.create(pod("b"));
    world.run(1);
    expect(world.pods.map(({ metadata: { name } }) => name)).toEqual(["a"]);
    world.remove(first);
    world.run(1);
    expect(statusOf(world).used).toEqual({ pods: "0" });
    world.create(pod("b"));
    world.run(1);
    expect(world.pods.map(({ metadata: { name } }) => name)).toEqual(["b"]);
  });

  test("pods that have ended use nothing but their place as objects", () => {
    const world = new ControllerWorld({ fate: () => "succeeds" });
    world.create(quota({ pods: "5", "count/pods": "5", cpu: "1" }));
    world.run(1);
    world.create(pod("a"));
    world.run(1);
    expect(statusOf(world).used).toEqual({ pods: "1", "count/pods": "1", cpu: "100m" });
    world.run(5);
    expect(statusOf(world).used).toEqual({ pods: "0", "count/pods": "1", cpu: "0" });
  });

  test("a Service that needs no node ports any more gives them back", () => {
    const world = new ControllerWorld();
    world.create(quota({ services: "2", "services.nodeports": "2" }));
    world.run(1);
    const record = world.create({
      kind: "Service",
      metadata: metadata("s"),
      spec: { type: "NodePort", selector: { a: "b" }, ports: [{ port: 80 }] },
    });
    world.run(1);
    expect(statusOf(world).used).toEqual({ services: "1", "services.nodeports": "1" });
    world.patch(record, { spec: { type: "ClusterIP" } });
    world.run(1);
    expect(statusOf(world).used).toEqual({ services: "1", "services.nodeports": "0" });
  });

  test("is counted anew every five minutes", () => {
    const world = new ControllerWorld();
    const record = world.create(quota({ pods: "5" }));
    world.run(1);
    world.patch(record, { status: { used: { pods: "4" } } }, "status");
    world.run(250);
    expect(statusOf(world).used).toEqual({ pods: "4" });
    world.run(60);
    expect(statusOf(world).used).toEqual({ pods: "0" });
  });

  test("is not written while nothing changes", () => {
    const world = new ControllerWorld();
    world.create(quota({ pods: "5" }));
    world.run(1);
    let writes = 0;
    world.trace.committed.subscribe(({ record }) => {
      if (record.kind === "ResourceQuota") writes++;
    });
    world.run(1000);
    expect(writes).toBe(0);
  });
});

/** What the store's pods use now: pods and milli-CPU of those that have not ended. */
function trueUsage(pods: readonly Pod[]): { pods: number; cpuMilli: number; count: number } {
  const live = pods.filter(({ status: { phase } }) => phase !== "Succeeded" && phase !== "Failed");
  let cpuMilli = 0;
  for (const { spec } of live) {
    const cpu = asQuantities(spec.containers[0]?.resources?.requests).get("cpu");
    cpuMilli += Number(cpu?.milliValue() ?? 0);
  }
  return { pods: live.length, cpuMilli, count: pods.length };
}

describe("a quota under random histories", () => {
  const HARD = { pods: "6", "requests.cpu": "2", "count/pods": "9" };
  const step = fc.record({
    action: fc.constantFrom("create", "create", "create", "delete", "recount", "wait"),
    name: fc.integer({ min: 0, max: 14 }),
    cpu: fc.constantFrom("100m", "250m", "1"),
    afterMs: fc.integer({ min: 0, max: 40 }),
  });

  test("is never exceeded, and ends with what is really used", () => {
    let refused = 0;
    const history = fc.property(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.constantFrom("constant(1ms)", "uniform(1ms, 200ms)"),
      fc.array(fc.constantFrom("runs" as const, "succeeds" as const), {
        minLength: 5,
        maxLength: 5,
      }),
      (steps, watchDelivery, fates) => {
        const world = new ControllerWorld({
          watchDelivery,
          runUs: 30_000,
          fate: (_pod, number) => fates[number % fates.length] ?? "runs",
        });
        const record = world.create(quota(HARD));
        world.run(2);
        let worst = { pods: 0, cpuMilli: 0, count: 0 };
        world.trace.committed.subscribe(({ record: { kind } }) => {
          if (kind !== "Pod") return;
          const { pods, cpuMilli, count } = trueUsage(world.pods);
          worst = {
            pods: Math.max(worst.pods, pods),
            cpuMilli: Math.max(worst.cpuMilli, cpuMilli),
            count: Math.max(worst.count, count),
          };
        });
        for (const { action, name, cpu, afterMs } of steps) {
          if (action === "create") world.create(pod(`p${name}`, cpu));
          else if (action === "delete") world.remove(world.record("Pod", `p${name}`));
          else if (action === "recount") {
            world.patch(record, { spec: { hard: { services: String(name) } } });
          }
          world.run(afterMs / 1000);
        }
        world.run(30);
        expect(worst.pods).toBeLessThanOrEqual(6);
        expect(worst.cpuMilli).toBeLessThanOrEqual(2000);
        expect(worst.count).toBeLessThanOrEqual(9);
        refused += world.answers.filter(({ message }) => message.includes("exceeded quota")).length;
        const { pods, cpuMilli, count } = trueUsage(world.pods);
        const used = asQuantities(statusOf(world).used as Record<string, string>);
        expect({
          pods: Number(used.get("pods")?.value()),
          cpuMilli: Number(used.get("requests.cpu")?.milliValue()),
          count: Number(used.get("count/pods")?.value()),
        }).toEqual({ pods, cpuMilli, count });
      },
    );
    fc.assert(history, { seed: 1, numRuns: 60 });
    expect(refused).toBeGreaterThan(50);
  });
});

describe("service accounts", () => {
  const accounts = (world: ControllerWorld): string[] =>
    world
      .list<ServiceAccount>("ServiceAccount")
      .map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);

  test("a new namespace gets its account default, and pods can come", () => {
    const world = new ControllerWorld();
    world.create({ kind: "Namespace", metadata: { name: "team" } });
    world.run(1);
    expect(accounts(world)).toContain("team/default");
    world.create({ ...pod("a"), metadata: { name: "a", namespace: "team" } });
    world.run(1);
    expect(world.pods).toHaveLength(1);
  });

  test("one that somebody deletes comes back", () => {
    const world = new ControllerWorld();
    const [before] = world.list<ServiceAccount>("ServiceAccount");
    world.remove(world.record("ServiceAccount", "default"));
    world.run(1);
    expect(accounts(world)).toEqual(["default/default", "other/default"]);
    expect(world.list<ServiceAccount>("ServiceAccount")[0]?.metadata.uid).not.toBe(
      before?.metadata.uid,
    );
  });
});
