import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event, Job, Pod } from "../sim/api/index.ts";
import {
  ControllerWorld,
  type Fate,
  job,
  SECOND,
  type WorldOptions,
} from "./controllers-fixture.ts";

const INDEX = "batch.kubernetes.io/job-completion-index";
const indexOf = ({ metadata }: Pod): number => Number(metadata.annotations?.[INDEX]);
const conditionsOf = ({ status }: Job): string[] =>
  (status.conditions ?? [])
    .filter(({ status: value }) => value === "True")
    .map(({ type, reason }) => [type, reason].filter(Boolean).join(" "));

/** A pod that fails tells this exit code. */
const exits = (exitCode: number) => ({
  endStatus: () => ({
    containerStatuses: [{ name: "main", state: { terminated: { exitCode } } }],
  }),
});

function outcome(spec: object, options: WorldOptions, seconds = 2000): Job {
  const world = new ControllerWorld(options);
  world.create(job("work", spec));
  world.run(seconds);
  return world.job("work");
}

const onExit = (action: string, operator: string, ...values: number[]) => ({
  podFailurePolicy: { rules: [{ action, onExitCodes: { operator, values } }] },
});

describe("podFailurePolicy", () => {
  test.each<[string, object, number, string[], number]>([
    [
      "FailJob ends the Job at once",
      onExit("FailJob", "In", 42),
      42,
      ["FailureTarget PodFailurePolicy", "Failed PodFailurePolicy"],
      1,
    ],
    [
      "another exit code does not",
      { ...onExit("FailJob", "In", 42), backoffLimit: 1 },
      1,
      ["Failed BackoffLimitExceeded"],
      2,
    ],
    [
      "NotIn turns it round",
      onExit("FailJob", "NotIn", 42),
      1,
      ["FailureTarget PodFailurePolicy", "Failed PodFailurePolicy"],
      1,
    ],
    [
      "Count counts",
      { ...onExit("Count", "In", 42), backoffLimit: 0 },
      42,
      ["Failed BackoffLimitExceeded"],
      1,
    ],
  ])("%s", (_name, spec, exitCode, wanted, failed) => {
    const { status } = outcome(spec, { ...exits(exitCode), fate: () => "fails" });
    expect(conditionsOf({ status } as Job)).toEqual(wanted);
    expect(status.failed).toBe(failed);
  });

  test("the message names container, pod, code and rule", () => {
    const { status } = outcome(onExit("FailJob", "In", 42), {
      ...exits(42),
      fate: () => "fails",
    });
    expect(status.conditions?.at(-1)?.message).toMatch(
      /^Container main for pod default\/work-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
    );
  });

  test("Ignore replaces the pod without counting it", () => {
    const spec = {
      backoffLimit: 0,
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }],
      },
    };
    const { status } = outcome(spec, {
      fate: (_pod, number) => (number <= 3 ? "fails" : "succeeds"),
      endStatus: () => ({ conditions: [{ type: "DisruptionTarget", status: "True" }] }),
    });
    expect(conditionsOf({ status } as Job)).toEqual(["Complete"]);
    expect([status.succeeded, status.failed ?? 0]).toEqual([1, 0]);
  });

  test("a pod that is being deleted is replaced once it has ended", () => {
    const world = new ControllerWorld({ fate: () => "runs" });
    world.create(job("work", onExit("Count", "In", 1)));
    world.run(5);
    const [pod] = world.pods;
    world.lostNodes.add(pod?.spec.nodeName ?? "");
    world.remove(world.record("Pod", pod?.metadata.name ?? ""));
    world.run(60);
    expect(world.pods).toHaveLength(1);
    expect(world.job("work").status).toMatchObject({ active: 0, terminating: 1 });
  });
});

describe("backoffLimitPerIndex", () => {
  const spec = {
    completions: 4,
    parallelism: 4,
    completionMode: "Indexed",
    backoffLimitPerIndex: 1,
  };
  const failing =
    (...indexes: number[]) =>
    (pod: Pod): Fate =>
      indexes.includes(indexOf(pod)) ? "fails" : "succeeds";

  test("an index that fails too often fails alone; the others complete", () => {
    const { status } = outcome(spec, { fate: failing(1, 2) });
    expect(conditionsOf({ status } as Job)).toEqual(["Failed FailedIndexes"]);
    expect(status).toMatchObject({
      completedIndexes: "0,3",
      failedIndexes: "1,2",
      succeeded: 2,
      failed: 4,
    });
  });

  test("more failed indexes than allowed end the Job", () => {
    const { status } = outcome({ ...spec, maxFailedIndexes: 0 }, { fate: failing(1) });
    expect(conditionsOf({ status } as Job)).toEqual(["Failed MaxFailedIndexesExceeded"]);
  });

  test("FailIndex fails an index at its first failure", () => {
    const policy = onExit("FailIndex", "In", 42);
    const { status } = outcome({ ...spec, ...policy }, { fate: failing(3), ...exits(42) });
    expect(status).toMatchObject({ failedIndexes: "3", completedIndexes: "0-2", failed: 1 });
  });

  test("each index waits 10, 20, ... seconds for itself, and counts its failures", () => {
    const created: [number, number, string][] = [];
    const world = new ControllerWorld({ fate: failing(1) });
    world.trace.committed.subscribe(({ record, type, object }) => {
      if (record.kind !== "Pod" || type !== "ADDED") return;
      const pod = object as Pod;
      const count = pod.metadata.annotations?.["batch.kubernetes.io/job-index-failure-count"];
      created.push([indexOf(pod), Math.round(world.kernel.nowUs / SECOND), count ?? "none"]);
    });
    world.create(job("work", { ...spec, backoffLimitPerIndex: 2 }));
    world.run(200);
    const ofOne = created.filter(([index]) => index === 1);
    expect(ofOne.map(([, , count]) => count)).toEqual(["0", "1", "2"]);
    const times = ofOne.map(([, second]) => second);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(10);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(20);
    expect(created.filter(([index]) => index !== 1)).toHaveLength(3);
  });
});

describe("successPolicy", () => {
  const spec = {
    completions: 3,
    parallelism: 3,
    completionMode: "Indexed",
    successPolicy: { rules: [{ succeededIndexes: "0" }] },
  };
  const fate = (pod: Pod): Fate => (indexOf(pod) === 0 ? "succeeds" : "runs");

  test("the leader's success is the Job's; the others are stopped and have not failed", () => {
    const { status } = outcome(spec, { fate, jobSuccessPolicy: true });
    expect(conditionsOf({ status } as Job)).toEqual([
      "SuccessCriteriaMet SuccessPolicy",
      "Complete SuccessPolicy",
    ]);
    expect([status.succeeded, status.failed ?? 0, status.active]).toEqual([1, 0, 0]);
  });

  test("it is off by default, as in Kubernetes 1.30", () => {
    const { status } = outcome(spec, { fate });
    expect(conditionsOf({ status } as Job)).toEqual([]);
    expect(status.active).toBe(2);
  });
});

test("an Indexed Job grows and shrinks with its parallelism", () => {
  const world = new ControllerWorld({ fate: () => "runs" });
  const spec = { completions: 2, parallelism: 2, completionMode: "Indexed" };
  const record = world.create(job("work", spec));
  world.run(5);
  world.patch(record, { spec: { completions: 5, parallelism: 5 } });
  world.run(5);
  const active = (): number[] => world.pods.map(indexOf).sort((a, b) => a - b);
  expect(active()).toEqual([0, 1, 2, 3, 4]);
  world.patch(record, { spec: { completions: 3, parallelism: 3 } });
  world.run(5);
  expect(active()).toEqual([0, 1, 2]);
});

test("a deadline that is over, met or not, leaves no timer that keeps the run going", () => {
  const world = new ControllerWorld({ fate: () => "succeeds" });
  world.create(job("work", { activeDeadlineSeconds: 86_400 }));
  world.run(20);
  world.kernel.run(10 * 86_400 * SECOND);
  expect(world.kernel.nowUs).toBeLessThan(100 * SECOND);
});

test("Events tell of pods, of suspension and of the end", () => {
  const world = new ControllerWorld({ fate: () => "succeeds", writesEvents: true });
  const record = world.create(job("work", { suspend: true }));
  world.run(3);
  world.patch(record, { spec: { suspend: false } });
  world.run(20);
  const events = world
    .list<Event>("Event")
    .filter(({ involvedObject }) => involvedObject.kind === "Job")
    .map(({ type, reason }) => `${type} ${reason}`);
  expect(events.sort()).toEqual([
    "Normal Completed",
    "Normal Resumed",
    "Normal SuccessfulCreate",
    "Normal Suspended",
  ]);
});

test("whatever happens to its pods and watches, each is counted once and each index completes once", () => {
  fc.assert(
    fc.property(
      fc.record({
        completions: fc.integer({ min: 1, max: 6 }),
        parallelism: fc.integer({ min: 1, max: 4 }),
        isIndexed: fc.boolean(),
        perIndex: fc.boolean(),
        fates: fc.array(fc.constantFrom<Fate>("succeeds", "succeeds", "fails"), {
          minLength: 1,
          maxLength: 7,
        }),
        troubles: fc.array(
          fc.record({
            afterSeconds: fc.integer({ min: 0, max: 4 }),
            what: fc.constantFrom("delete", "drop", "relist", "pods"),
          }),
          { maxLength: 6 },
        ),
      }),
      ({ completions, parallelism, isIndexed, perIndex, fates, troubles }) => {
        const world = new ControllerWorld({
          fate: (_pod, number) => fates[number % (fates.length + 1)] ?? "succeeds",
        });
        const succeeded = new Map<string, number>();
        const failed = new Set<string>();
        world.trace.committed.subscribe(({ record, object }) => {
          if (record.kind !== "Pod") return;
          const pod = object as Pod | undefined;
          if (pod?.status.phase === "Succeeded") succeeded.set(pod.metadata.uid, indexOf(pod));
          if (pod?.status.phase === "Failed") failed.add(pod.metadata.uid);
        });
        const limits = isIndexed && perIndex ? { backoffLimitPerIndex: 99 } : { backoffLimit: 99 };
        const mode = isIndexed ? { completionMode: "Indexed" } : {};
        world.create(job("work", { completions, parallelism, ...mode, ...limits }));
        let removed = 0;
        for (const { afterSeconds, what } of troubles) {
          world.run(afterSeconds);
          const [pod] = world.pods;
          if (what === "drop") world.dropWatches("Pod", 410);
          else if (what === "relist") world.dropWatches("Job", 410);
          else if (what === "pods") world.dropWatches("Pod", 0);
          else if (pod !== undefined) {
            world.remove(world.record("Pod", pod.metadata.name));
            removed++;
          }
        }
        world.run(20_000);
        const { status } = world.job("work");
        expect(conditionsOf({ status } as Job)).toEqual(["Complete"]);
        expect(status.succeeded).toBe(completions);
        expect(status.failed ?? 0).toBeGreaterThanOrEqual(failed.size);
        expect(status.failed ?? 0).toBeLessThanOrEqual(failed.size + removed);
        // No more run at once than completions are left: none is done in vain, but by a deletion.
        expect(succeeded.size).toBeLessThanOrEqual(completions + removed);
        if (isIndexed) {
          const last = completions - 1;
          const text = last === 0 ? "0" : last === 1 ? "0,1" : `0-${last}`;
          expect(status.completedIndexes).toBe(text);
          expect(new Set(succeeded.values()).size).toBe(completions);
        }
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});
