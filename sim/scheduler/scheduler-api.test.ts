/** The scheduler before the real API server and client: what a stand-in could get wrong. */
import { describe, expect, test } from "vitest";
import { makeProfile } from "../../test/scheduler-fixture.ts";
import { createTrace, type Manifest, type Pod } from "../api/index.ts";
import { ApiServer } from "../apiserver/index.ts";
import { ClientHub, InformerHub } from "../client/index.ts";
import { Etcd } from "../etcd/index.ts";
import { Kernel } from "../kernel/index.ts";
import { defaultClusterOptions } from "../options/index.ts";
import { definePlugin } from "./framework/index.ts";
import { Scheduler } from "./scheduler.ts";

const SECOND_US = 1_000_000;

function makeStack(seed: string) {
  const { latency, clients: limits, apiserver, etcd: history, scheduler } = defaultClusterOptions;
  const kernel = new Kernel(seed);
  const trace = createTrace();

  const etcd = new Etcd({ kernel, trace, latency, options: history });
  const server = new ApiServer({ kernel, etcd, latency, limits: apiserver });
  const clients = new ClientHub(kernel, trace, server, limits);
  const informers = new InformerHub(kernel, trace, clients);
  const component = new Scheduler({
    writesEvents: false,
    kernel,
    trace,
    clients,
    informers,
    latency,
    options: scheduler,
    profiles: [makeProfile([definePlugin({ name: "Same", locality: "spec", score: () => 1 })])],
  });
  const user = clients.client("workload");
  const answers: string[] = [];
  const answered = user.callback((call, _context: string) => void answers.push(call.message));
  const create = kernel.handler("test/create", (manifest: Manifest) => {
    user.create(manifest.kind ?? "", manifest, answered, "");
  });
  const bindings: string[] = [];
  trace.binding.subscribe(({ record, node, ok, endUs }) =>
    bindings.push(`${record.name} ${node} ${ok} ${endUs}`),
  );
  const attempts: string[] = [];
  trace.schedulingAttempt.subscribe(({ record, result, endUs, message }) =>
    attempts.push(`${record.name} ${result} ${endUs} ${message}`),
  );
  const podOf = (name: string) => etcd.record("Pod", "default", name).stored as Pod | undefined;
  return {
    kernel,
    trace,
    etcd,
    scheduler: component,
    user,
    answered,
    answers,
    create,
    bindings,
    attempts,
    podOf,
  };
}

function node(name: string, cpu: string): Manifest {
  const allocatable = { cpu, memory: "8Gi", pods: "10" };
  const metadata = { name };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata,
    status: { allocatable, capacity: allocatable, conditions: [{ type: "Ready", status: "True" }] },
  };
}

function pod(name: string, cpu = "1"): Manifest {
  const containers = [{ name: "main", image: "main", resources: { requests: { cpu } } }];
  const metadata = { name, namespace: "default" };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { containers } };
}

/** A cluster of three nodes of 2 cpus, and `podCount` pods of 1 cpu that come 100 ms apart. */
function makeBusyStack(podCount: number, seed = "1") {
  const stack = makeStack(seed);
  const { kernel, create, scheduler } = stack;
  const metadata = { name: "default" };
  kernel.at(0, create, { apiVersion: "v1", kind: "Namespace", metadata }, undefined);
  const account = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { ...metadata, namespace: "default" },
  };
  kernel.at(SECOND_US, create, account, undefined);
  for (const name of ["n1", "n2", "n3"]) kernel.at(SECOND_US, create, node(name, "2"), undefined);
  for (let i = 0; i < podCount; i++)
    kernel.at(2 * SECOND_US + i * 100_000, create, pod(`p${i}`), undefined);
  scheduler.start();
  return stack;
}

describe("the scheduler and the real API server", () => {
  test("bind what fits, and say of the rest why it does not", () => {
    const { kernel, podOf, scheduler } = makeBusyStack(8);
    expect(kernel.run(60 * SECOND_US)).toBe("idle");
    const bound = [0, 1, 2, 3, 4, 5].map((i) => podOf(`p${i}`)?.spec.nodeName);
    expect(bound.sort()).toEqual(["n1", "n1", "n2", "n2", "n3", "n3"]);
    for (const name of ["p6", "p7"]) {
      expect(podOf(name)?.status.conditions).toMatchObject([
        {
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          message: "0/3 nodes are available: 3 Insufficient cpu.",
        },
      ]);
    }
    expect(scheduler.queue.unschedulableCount).toBe(2);
    expect(scheduler.bindings.state.cycles.size).toBe(0);
  });

  test("of two schedulers that bind one pod at a time one gets a conflict, and leaves it", () => {
    const winners = new Set<boolean>();
    for (let seed = 1; seed <= 10; seed++) {
      const stack = makeBusyStack(1, String(seed));
      const { kernel, user, answered, answers, bindings, attempts, podOf, trace } = stack;
      // The other scheduler sends its binding when ours does.
      trace.schedulingAttempt.subscribe(({ record }) =>
        user.bind(record, { nodeName: "n3", uid: "" }, answered, ""),
      );
      kernel.run(60 * SECOND_US);
      const weWon = bindings[0]?.includes("true") ?? false;
      winners.add(weWon);
      expect([attempts.length, bindings.length]).toEqual([1, 1]);
      if (weWon)
        expect(answers.at(-1)).toMatch(/^Operation cannot be fulfilled on pods\/binding "p0"/);
      else expect(podOf("p0")?.spec.nodeName).toBe("n3");
    }
    expect(winners.size).toBe(2);
  });

  test("a run that is copied in the middle goes on as the original does", () => {
    const original = makeBusyStack(30);
    original.kernel.run(3 * SECOND_US);
    const copy = makeStack("1");
    copy.kernel.restore(original.kernel.snapshot((object) => "apiVersion" in object));
    const seen = { bindings: original.bindings.length, attempts: original.attempts.length };
    original.kernel.run(60 * SECOND_US);
    copy.kernel.run(60 * SECOND_US);
    expect(copy.attempts.length).toBeGreaterThan(10);
    expect(copy.bindings).toEqual(original.bindings.slice(seen.bindings));
    expect(copy.attempts).toEqual(original.attempts.slice(seen.attempts));
  });
});
