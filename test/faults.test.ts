/** Whatever goes wrong on the way: what users asked for is there in the end, and no rule is broken. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isConditionTrue,
  type KeyRecord,
  type Pod,
  type PodDisruptionBudget,
} from "../sim/api/index.ts";
import {
  type Cluster,
  type ClusterOptions,
  defaultClusterOptions,
  type Fault,
} from "../sim/index.ts";
import { digestOfWrites } from "./digest-of-writes.ts";
import { expectConverged, Watchman } from "./fault-checks.ts";
import {
  ALL_FAULTS,
  CONTROL_PLANE_FAULTS,
  END_US,
  faultyCluster,
  type History,
  historyOf,
  SECOND,
  WEB_AVAILABLE,
} from "./faulty-cluster.ts";

/** Time for evictions from lost nodes, and for back-offs of up to a thousand seconds. */
const SETTLED_US = END_US + 3600 * SECOND;

/** Histories that once ended in something else than was declared, and why. */
const FOUND: readonly (readonly [why: string, history: History])[] = [
  [
    "a claim was listed before its class, and nobody provisioned for it",
    { seed: 1, steps: [], faults: [crashAt(SECOND, SECOND)] },
  ],
  [
    "a quota was counted as it had been before a charge that the informer had not seen",
    {
      seed: 0,
      steps: [{ atMs: 47_532, act: "drain", number: 1 }],
      faults: [crashAt(32 * SECOND, SECOND)],
    },
  ],
  [
    "a Deployment whose quota was full looked at its deadline two hundred times a second",
    {
      seed: 0,
      steps: [{ atMs: 2_000, act: "scale-small", number: 3 }],
      faults: [],
    },
  ],
];

function crashAt(atUs: number, forUs: number): Fault {
  return { fault: "controller-manager-crash", atUs, forUs };
}

describe("after the last fault", () => {
  test.each(FOUND)("%s", (_why, history) => {
    const cluster = faultyCluster(history);
    const watchman = new Watchman(cluster);
    expect(cluster.run(SETTLED_US)).toBe("idle");
    expectConverged(cluster);
    expect(watchman.deliveries).toBeGreaterThan(0);
  });

  test.each([
    { what: "of the control plane", kinds: CONTROL_PLANE_FAULTS, seed: 1 },
    { what: "of control plane and machines", kinds: ALL_FAULTS, seed: 2 },
  ])("$what everything is as declared", ({ kinds, seed }) => {
    fc.assert(
      fc.property(historyOf(kinds), (history) => {
        const cluster = faultyCluster(history);
        const watchman = new Watchman(cluster);
        expect(cluster.run(SETTLED_US)).toBe("idle");
        expectConverged(cluster);
        expect(watchman.deliveries).toBeGreaterThan(0);
      }),
      { seed, numRuns: 25 },
    );
  });
});

function runDigest(history: History, options: Partial<ClusterOptions> = {}): string {
  const cluster = faultyCluster(history, options);
  const digest = digestOfWrites(cluster);
  cluster.run(SETTLED_US);
  return digest.hex;
}

test("the same seed gives the same bytes, whichever way nodes are evaluated", () => {
  fc.assert(
    fc.property(historyOf(ALL_FAULTS), (history) => {
      const { scheduler } = defaultClusterOptions;
      const [first, ...others] = (["incremental", "incremental", "full", "verify"] as const).map(
        (evaluation) => runDigest(history, { scheduler: { ...scheduler, evaluation } }),
      );
      expect(others).toEqual([first, first, first]);
    }),
    { seed: 3, numRuns: 5 },
  );
});

/**
 * Checks each eviction when it is committed: the budget had allowed it just before. Where pods go by
 * evictions alone, as many as the budget keeps are healthy at every commit, too.
 */
function watchBudget(cluster: Cluster, isStrict: boolean): { evictions: number } {
  const pods = new Map<string, Pod>();
  const seen = { evictions: 0 };
  let allowed = 0;
  let wasLower = false;
  cluster.trace.committed.subscribe(({ type, record, object, old }) => {
    if (isBudget(record)) {
      const now = (object as PodDisruptionBudget).status?.disruptionsAllowed ?? 0;
      wasLower = now === allowed - 1;
      allowed = now;
      return;
    }
    if (record.kind !== "Pod" || object.metadata.labels?.["app"] !== "web") return;
    const pod = object as Pod;
    const before = old as Pod | undefined;
    const isEvicted = before !== undefined && !isDisrupted(before) && isDisrupted(pod);
    const isGuarded = before !== undefined && isHealthy(before);
    if (isEvicted && isGuarded) {
      seen.evictions++;
      if (!wasLower) throw new Error(`${record.key} was evicted without leave of the budget`);
    }
    wasLower = false;
    const healthyBefore = [...pods.values()].filter(isHealthy).length;
    if (type === "DELETED") pods.delete(record.key);
    else pods.set(record.key, pod);
    const healthy = [...pods.values()].filter(isHealthy).length;
    if (isStrict && healthy < healthyBefore && healthy < WEB_AVAILABLE)
      throw new Error(`${healthy} healthy pods at ${cluster.kernel.nowUs} us`);
  });
  return seen;
}

const isBudget = ({ kind, name }: KeyRecord): boolean =>
  kind === "PodDisruptionBudget" && name === "web";
const isHealthy = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && isConditionTrue(status.conditions, "Ready");
/** The eviction API says so in the pod before it deletes it. */
const isDisrupted = ({ status }: Pod): boolean =>
  status.conditions?.some(({ reason }) => reason === "EvictionByEvictionAPI") === true;

test("no eviction takes more than the disruption budget allows, at any commit", () => {
  let evictions = 0;
  fc.assert(
    fc.property(
      historyOf(CONTROL_PLANE_FAULTS),
      fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 2_000, max: 60_000 })), {
        minLength: 3,
        maxLength: 8,
      }),
      ({ seed, faults }, drains) => {
        const steps = drains.map(([number, atMs]) => ({ number, atMs, act: "drain" as const }));
        const cluster = faultyCluster({ seed, faults, steps });
        const seen = watchBudget(cluster, true);
        cluster.run(SETTLED_US);
        evictions += seen.evictions;
      },
    ),
    { seed: 4, numRuns: 15 },
  );
  expect(evictions).toBeGreaterThan(15);
});
