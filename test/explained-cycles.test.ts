/**
 * Whoever asks about scheduling cycles gets the cycle as it was: the nodes that it looked at, their
 * scores, the tie and the draw; and the run goes on as if nobody had asked.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Manifest } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";
import type { CycleFact, EvaluationMode } from "../sim/scheduler/index.ts";
import { digestOfWrites } from "./digest-of-writes.ts";

const SECOND = 1_000_000;

interface Scenario {
  readonly nodes: number;
  readonly percentage: number;
  readonly ties: "seeded" | "lowest-name";
  readonly policy: string;
  readonly pods: readonly PodCase[];
  readonly evaluation: EvaluationMode;
  readonly seed: number;
}

interface PodCase {
  readonly atMs: number;
  readonly cpu: string;
  readonly seconds: number;
  readonly isUrgent: boolean;
  readonly disk: string;
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  nodes: fc.constantFrom(2, 3, 5, 130),
  percentage: fc.constantFrom(0, 10, 100),
  ties: fc.constantFrom("seeded", "lowest-name"),
  policy: fc.constantFrom("default", "most-allocated", "first-fit"),
  pods: fc.array(
    fc.record({
      atMs: fc.nat(10_000),
      cpu: fc.constantFrom("500m", "1", "3", "7", "99"),
      seconds: fc.constantFrom(0, 3),
      isUrgent: fc.boolean(),
      disk: fc.constantFrom("", "", "ssd"),
    }),
    { minLength: 10, maxLength: 25 },
  ),
  evaluation: fc.constantFrom("incremental", "full", "verify"),
  seed: fc.nat(99),
});

function nodeObject(index: number): Manifest {
  const labels = { disk: index % 3 === 0 ? "ssd" : "hdd" };
  const taints = index % 4 === 1 ? [{ key: "maintenance", effect: "NoSchedule" }] : [];
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `n${index}`, labels },
    spec: { taints },
    status: { allocatable: { cpu: `${2 + (index % 5)}`, memory: "8Gi", pods: "5" } },
  };
}

function podObject(index: number, { cpu, seconds, isUrgent, disk }: PodCase): Manifest {
  const annotations = seconds === 0 ? {} : { "stowage.dev/duration": `${seconds}s` };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `p${index}`, namespace: "default", annotations },
    spec: {
      restartPolicy: "Never",
      ...(disk === "" ? {} : { nodeSelector: { disk } }),
      ...(isUrgent ? { priorityClassName: "high" } : {}),
      containers: [
        { name: "main", image: "app:1", resources: { requests: { cpu, memory: "1Gi" } } },
      ],
    },
  };
}

/** Runs it; `ask` is told every cycle. Returns the digest of all writes. */
function run(given: Scenario, ask: ((fact: CycleFact) => void) | undefined): string {
  const { scheduler } = defaultClusterOptions;
  const { ties, evaluation, percentage: percentageOfNodesToScore } = given;
  const cluster = new Cluster(
    {
      ...defaultClusterOptions,
      seed: `${given.seed}`,
      scheduler: { ...scheduler, ties, evaluation, percentageOfNodesToScore },
    },
    { profiles: [profileByName(given.policy)], balancer: balancerByName("random") },
  );
  cluster.bootstrap([
    {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: "high" },
      value: 1000,
    },
    ...Array.from({ length: given.nodes }, (_, index) => nodeObject(index)),
  ]);
  const pods = given.pods.map((pod, index) => ({ ...pod, object: podObject(index, pod) }));
  for (const { atMs, object } of pods.sort((a, b) => a.atMs - b.atMs))
    cluster.operations.append(atMs * 1000, { verb: "create", object, source: "" });
  cluster.operations.close();
  const digest = digestOfWrites(cluster);
  if (ask !== undefined) cluster.schedulingCycles.subscribe(ask);
  cluster.start();
  cluster.run(20 * SECOND);
  return digest.hex;
}

/** That what is told of the cycle is what it decided. */
function check(fact: CycleFact): void {
  const { decision, cluster, tieDraw } = fact;
  const search = fact.search();
  const { found, totals, rejections, unseen, excluded } = search;
  const names = cluster.nodes.map(({ name }) => name).sort();
  const seen = new Set([...found, ...rejections.keys(), ...unseen, ...excluded]);
  expect([...seen].sort()).toEqual(search.preFilter === undefined ? names : []);
  expect(found.length).toBe(decision.feasibleNodes);
  if (search.preFilter === undefined)
    expect(names.length - unseen.length - excluded.length).toBe(decision.evaluatedNodes);
  for (const all of rejections.values()) expect(all.length).toBeGreaterThan(0);
  for (const { raw, weighted, weight, isSkipped } of search.scorers) {
    expect([raw.length, weighted.length]).toEqual(
      isSkipped ? [0, 0] : [found.length, found.length],
    );
    for (const points of weighted) expect(points / weight).toBeLessThanOrEqual(100);
  }
  if (decision.node === "") return;
  const best = totals.reduce((most, total) => Math.max(most, total));
  const equal = found.filter((_, i) => totals[i] === best);
  const taken =
    tieDraw === undefined ? [...equal].sort()[0] : equal[Math.floor(tieDraw * equal.length)];
  expect(taken).toBe(decision.node);
  if (found.length > 1)
    expect([best, equal.length]).toEqual([decision.bestTotal, decision.bestCount]);
}

describe("a cycle that is asked about", () => {
  test("is told as it was decided, and the run goes on as if nobody had asked", () => {
    const counts = { cycles: 0, sampled: 0, tied: 0, preempting: 0 };
    fc.assert(
      fc.property(scenario, (given) => {
        const observed = run(given, (fact) => {
          check(fact);
          counts.cycles++;
          if (fact.search().unseen.length > 0) counts.sampled++;
          if (fact.decision.bestCount > 1) counts.tied++;
          const { postFilter, failure } = fact.decision;
          if (postFilter === undefined) return;
          const detail = fact.preemption();
          if (postFilter.victims.length === 0) return;
          counts.preempting++;
          const chosen = detail?.candidates.find(
            ({ nodeName }) => nodeName === failure?.nomination,
          );
          expect(chosen?.victims.map(({ record }) => record.key)).toEqual(postFilter.victims);
        });
        expect(observed).toBe(run(given, undefined));
      }),
      { seed: 20_261_124, numRuns: 24 },
    );
    // Without such cycles the test would show nothing.
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5);
  });
});
