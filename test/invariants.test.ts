/** What must hold in every run of the whole cluster, whatever the workload. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import { type Manifest, type Pod, podRequests } from "../sim/api/index.ts";
import { Cluster, type ClusterOptions, defaultClusterOptions } from "../sim/index.ts";
import { digestOfWrites } from "./digest-of-writes.ts";

const SECOND = 1_000_000;

interface PodCase {
  readonly atMs: number;
  readonly cpuMilli: number;
  /** Seconds; 0: runs on. */
  readonly seconds: number;
  /** Deleted so many seconds after its creation; 0: not. */
  readonly deletedAfter: number;
}

const podCase: fc.Arbitrary<PodCase> = fc.record({
  atMs: fc.integer({ min: 0, max: 20_000 }),
  cpuMilli: fc.constantFrom(100, 500, 900, 1700, 5000),
  seconds: fc.constantFrom(0, 1, 5, 30),
  deletedAfter: fc.constantFrom(0, 0, 1, 4),
});

const scenario = fc.record({
  nodes: fc.array(fc.constantFrom(1000, 2000, 4000), { minLength: 1, maxLength: 4 }),
  pods: fc.array(podCase, { minLength: 1, maxLength: 25 }),
  policy: fc.constantFrom("default", "most-allocated", "random", "gpu-best-fit"),
  seed: fc.integer({ min: 0, max: 99 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

function node(index: number, cpuMilli: number): Manifest {
  const allocatable = { cpu: `${cpuMilli}m`, memory: "8Gi", pods: "8" };
  const metadata = { name: `n${index}` };
  return { apiVersion: "v1", kind: "Node", metadata, status: { allocatable } };
}

function pod(index: number, { cpuMilli, seconds }: PodCase): Manifest {
  const annotations: Record<string, string> = { "stowage.dev/image-bytes": "1000000" };
  if (seconds > 0) annotations["stowage.dev/duration"] = `${seconds}s`;
  const requests = { cpu: `${cpuMilli}m` };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `p${index}`, namespace: "default", annotations },
    spec: {
      restartPolicy: "Never",
      containers: [{ name: "main", image: `app:${index % 3}`, resources: { requests } }],
    },
  };
}

function build({ nodes, pods, policy, seed }: Scenario, options: Partial<ClusterOptions>): Cluster {
  const cluster = new Cluster(
    { ...defaultClusterOptions, ...options, seed: String(seed) },
    { profiles: [profileByName(policy)], balancer: balancerByName("random") },
  );
  cluster.bootstrap(nodes.map((cpuMilli, index) => node(index, cpuMilli)));
  const operations = pods.flatMap((each, index) => {
    const object = pod(index, each);
    const created = { atMs: each.atMs, verb: "create" as const, object, source: `p${index}` };
    const deleted = {
      ...created,
      atMs: each.atMs + each.deletedAfter * 1000,
      verb: "delete" as const,
    };
    return each.deletedAfter > 0 ? [created, deleted] : [created];
  });
  operations.sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, ...operation } of operations)
    cluster.operations.append(atMs * 1000, operation);
  cluster.operations.close();
  cluster.start();
  return cluster;
}

/** Follows what etcd says is on each node; a finished or deleted pod takes no room. */
class Ledger {
  readonly #placed = new Map<string, { node: string; cpuMilli: number }>();
  readonly #capacity: readonly number[];
  created = 0;
  deleted = 0;

  constructor(cluster: Cluster, capacity: readonly number[]) {
    this.#capacity = capacity;
    cluster.trace.committed.subscribe(({ type, record, object }) => {
      if (record.kind !== "Pod") return;
      if (type === "ADDED") this.created++;
      if (type === "DELETED") this.deleted++;
      const { spec, status } = object as Pod;
      const isOver = status.phase === "Succeeded" || status.phase === "Failed";
      if (type === "DELETED" || isOver || spec.nodeName === undefined)
        this.#placed.delete(record.key);
      else {
        const cpuMilli = podRequests(spec).get("cpu") ?? 0;
        this.#placed.set(record.key, { node: spec.nodeName, cpuMilli });
      }
      this.#check();
    });
  }

  #check(): void {
    for (const [index, capacity] of this.#capacity.entries()) {
      let cpuMilli = 0;
      let pods = 0;
      for (const placed of this.#placed.values()) {
        if (placed.node !== `n${index}`) continue;
        cpuMilli += placed.cpuMilli;
        pods++;
      }
      expect(cpuMilli).toBeLessThanOrEqual(capacity);
      expect(pods).toBeLessThanOrEqual(8);
    }
  }
}

function runDigest(given: Scenario, options: Partial<ClusterOptions> = {}): string {
  const cluster = build(given, options);
  const digest = digestOfWrites(cluster);
  cluster.run(600 * SECOND);
  return digest.hex;
}

const RUNS = { seed: 1, numRuns: 25 };

describe("in every run", () => {
  test("no node is over-committed at any commit, and no pod is lost or doubled", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const cluster = build(given, {});
        const ledger = new Ledger(cluster, given.nodes);
        expect(cluster.run(600 * SECOND)).toBe("idle");
        expect(ledger.created).toBe(given.pods.length);
        expect(cluster.list("Pod")).toHaveLength(ledger.created - ledger.deleted);
      }),
      RUNS,
    );
  });

  test("a pod whose request fits an empty node ends up on one when all others have gone", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const pods = given.pods.map((each) => ({ ...each, seconds: 5, deletedAfter: 0 }));
        const cluster = build({ ...given, pods }, {});
        cluster.run(3600 * SECOND);
        const largest = Math.max(...given.nodes);
        for (const { stored } of cluster.list("Pod")) {
          const { spec, status } = stored as Pod;
          const fits = (podRequests(spec).get("cpu") ?? 0) <= largest;
          expect([spec.nodeName !== undefined, status.phase]).toEqual([
            fits,
            fits ? "Succeeded" : "Pending",
          ]);
        }
      }),
      RUNS,
    );
  });

  test("the same seed gives the same bytes, whichever way nodes are evaluated", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { scheduler } = defaultClusterOptions;
        const [first, ...others] = (["incremental", "incremental", "full", "verify"] as const).map(
          (evaluation) => runDigest(given, { scheduler: { ...scheduler, evaluation } }),
        );
        expect(others).toEqual([first, first, first]);
      }),
      RUNS,
    );
  });

  test("a node that no pod tolerates changes no placement when all nodes are scored", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const placements = (withTainted: boolean): string[] => {
          const cluster = build(given, {
            scheduler: { ...defaultClusterOptions.scheduler, ties: "lowest-name" },
          });
          if (withTainted) {
            const taints = [{ key: "reserved", effect: "NoSchedule" }];
            cluster.bootstrap([{ ...node(9, 64_000), spec: { taints } }]);
          }
          cluster.run(600 * SECOND);
          return cluster
            .list("Pod")
            .map(({ name, stored }) => `${name} ${(stored as Pod).spec.nodeName}`);
        };
        expect(placements(true)).toEqual(placements(false));
      }),
      RUNS,
    );
  });
});
