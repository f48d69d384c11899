import { describe, expect, test } from "vitest";
import { type Job, type KeyRecord, type Pod, timestampUs } from "../sim/api/index.ts";
import { ControllerWorld, type Fate, job, SECOND } from "./controllers-fixture.ts";

const condition = ({ status }: Job): string | undefined => {
  const found = status.conditions?.find(
    ({ type, status: value }) => type !== "Suspended" && value === "True",
  );
  return found && [found.type, found.reason].filter(Boolean).join(" ");
};

/** Fates of pods in the order in which they start; the last one goes on. */
const inTurn =
  (...fates: Fate[]) =>
  (_pod: Pod, number: number): Fate =>
    fates[Math.min(number, fates.length) - 1] ?? "runs";

/** The most pods that were active at one time. */
function watchActive(world: ControllerWorld): () => number {
  let most = 0;
  world.trace.committed.subscribe(({ record }) => {
    if (record.kind !== "Pod") return;
    const active = world.pods.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        (status.phase === "Pending" || status.phase === "Running"),
    );
    most = Math.max(most, active.length);
  });
  return () => most;
}

describe("a Job", () => {
  const table: [string, object, Fate[], object, number][] = [
    ["one pod that succeeds", {}, ["succeeds"], { end: "Complete", succeeded: 1, failed: 0 }, 1],
    [
      "completions one after the other",
      { completions: 3 },
      ["succeeds"],
      { end: "Complete", succeeded: 3, failed: 0 },
      1,
    ],
    [
      "completions side by side",
      { completions: 5, parallelism: 2 },
      ["succeeds"],
      { end: "Complete", succeeded: 5, failed: 0 },
      2,
    ],
    [
      "no more pods than completions left",
      { completions: 2, parallelism: 9 },
      ["succeeds"],
      { end: "Complete", succeeded: 2, failed: 0 },
      2,
    ],
    [
      "a work queue: any success ends it",
      { parallelism: 3 },
      ["succeeds"],
      { end: "Complete", succeeded: 3, failed: 0 },
      3,
    ],
    [
      "a failure that is retried",
      { backoffLimit: 2 },
      ["fails", "succeeds"],
      { end: "Complete", succeeded: 1, failed: 1 },
      1,
    ],
    [
      "as many failures as are allowed",
      { backoffLimit: 2 },
      ["fails", "fails", "succeeds"],
      { end: "Complete", succeeded: 1, failed: 2 },
      1,
    ],
    [
      "one failure too many",
      { backoffLimit: 2 },
      ["fails"],
      { end: "Failed BackoffLimitExceeded", succeeded: 0, failed: 3 },
      1,
    ],
    [
      "no failure allowed",
      { backoffLimit: 0 },
      ["fails"],
      { end: "Failed BackoffLimitExceeded", succeeded: 0, failed: 1 },
      1,
    ],
    [
      "failures end the pods that still run",
      { completions: 3, parallelism: 3, backoffLimit: 0 },
      ["fails", "runs"],
      { end: "Failed BackoffLimitExceeded", succeeded: 0, failed: 3 },
      3,
    ],
    [
      "parallelism 0 waits",
      { parallelism: 0, completions: 1 },
      ["succeeds"],
      { end: undefined, succeeded: 0, failed: 0 },
      0,
    ],
    [
      "indexes",
      { completions: 4, parallelism: 3, completionMode: "Indexed" },
      ["succeeds"],
      { end: "Complete", succeeded: 4, failed: 0 },
      3,
    ],
    [
      "an index that fails once",
      { completions: 3, parallelism: 3, completionMode: "Indexed" },
      ["succeeds", "fails", "succeeds"],
      { end: "Complete", succeeded: 3, failed: 1 },
      3,
    ],
    [
      "a deadline",
      { activeDeadlineSeconds: 8 },
      ["runs"],
      { end: "Failed DeadlineExceeded", succeeded: 0, failed: 1 },
      1,
    ],
  ];
  test.each(table)("%s", (_name, spec, fates, outcome, mostActive) => {
    const world = new ControllerWorld({ fate: inTurn(...fates) });
    const most = watchActive(world);
    world.create(job("work", spec));
    world.run(120);
    const done = world.job("work");
    const { succeeded = 0, failed = 0 } = done.status;
    expect({ end: condition(done), succeeded, failed }).toEqual(outcome);
    expect(most()).toBe(mostActive);
    expect(done.status).toMatchObject({ active: 0, ready: 0, uncountedTerminatedPods: {} });
    const isComplete = condition(done) === "Complete";
    expect(done.status.completionTime === undefined).toBe(!isComplete);
    for (const { metadata } of world.pods) expect(metadata.finalizers ?? []).toEqual([]);
  });

  test("an Indexed Job gives each pod its index, and lists those that are done", () => {
    const world = new ControllerWorld({ fate: inTurn("succeeds") });
    const seen: string[] = [];
    world.trace.committed.subscribe(({ record, object }) => {
      if (record.kind === "Job") seen.push((object as Job).status.completedIndexes ?? "");
    });
    world.create(job("work", { completions: 4, parallelism: 2, completionMode: "Indexed" }));
    world.run(60);
    const names = world.pods.map(({ metadata }) => metadata.name.replace(/-[a-z0-9]{5}$/, ""));
    expect(names.sort()).toEqual(["work-0", "work-1", "work-2", "work-3"]);
    const pod = world.pods.find(({ metadata }) => metadata.name.startsWith("work-2-"));
    expect(pod?.metadata.annotations).toEqual({ "batch.kubernetes.io/job-completion-index": "2" });
    expect(pod?.metadata.labels).toMatchObject({
      "batch.kubernetes.io/job-completion-index": "2",
      "batch.kubernetes.io/job-name": "work",
    });
    expect(pod?.spec.hostname).toBe("work-2");
    expect(pod?.spec.containers[0]?.env?.map(({ name }) => name)).toEqual(["JOB_COMPLETION_INDEX"]);
    expect([...new Set(seen)]).toEqual(["", "0,1", "0-3"]);
  });

  test("pods carry the tracking finalizer until they are counted", () => {
    const world = new ControllerWorld({ fate: inTurn("succeeds") });
    world.create(job("work"));
    world.run(1);
    expect(world.pods[0]?.metadata.finalizers).toEqual(["batch.kubernetes.io/job-tracking"]);
    const order: string[] = [];
    world.trace.committed.subscribe(({ record, object }) => {
      if (record.kind === "Pod") order.push(`pod ${object.metadata.finalizers?.length ?? 0}`);
      else if (record.kind === "Job") {
        const { status } = object as Job;
        order.push(
          `job ${status.uncountedTerminatedPods?.succeeded?.length ?? 0} ${status.succeeded ?? 0}`,
        );
      }
    });
    world.run(20);
    expect(order).toContain("job 1 0");
    expect(order.indexOf("job 1 0")).toBeLessThan(order.indexOf("pod 0"));
    expect(order.indexOf("pod 0")).toBeLessThan(order.indexOf("job 0 1"));
  });

  test("a pod that somebody deletes is counted as failed, goes, and is replaced", () => {
    const world = new ControllerWorld();
    world.create(job("work"));
    world.run(5);
    const [first] = world.pods;
    world.remove(world.record("Pod", first?.metadata.name ?? ""));
    world.run(30);
    expect(world.pods).toHaveLength(1);
    expect(world.pods[0]?.metadata.uid).not.toBe(first?.metadata.uid);
    expect(world.job("work").status).toMatchObject({ active: 1, failed: 1 });
  });

  test("waits 10, 20, 40 seconds before it replaces pods that fail", () => {
    const world = new ControllerWorld({ fate: inTurn("fails"), runUs: SECOND });
    const created: number[] = [];
    world.trace.committed.subscribe(({ type, record, timeUs }) => {
      if (record.kind === "Pod" && type === "ADDED") created.push(timeUs);
    });
    world.create(job("work", { backoffLimit: 3 }));
    world.run(200);
    const pauses = created
      .slice(1)
      .map((time, i) => Math.round((time - (created[i] ?? 0)) / SECOND));
    // One second of run time; the back-off counts from the end of the pod, to the second.
    expect(pauses).toHaveLength(3);
    for (const [i, wanted] of [11, 21, 41].entries())
      expect(Math.abs((pauses[i] ?? 0) - wanted)).toBeLessThanOrEqual(1);
  });

  test("syncs once per second at most for the events of its pods", () => {
    const world = new ControllerWorld({ fate: inTurn("succeeds"), startUs: (n) => n * 50_000 });
    const patches: number[] = [];
    world.trace.apiRequest.subscribe(({ client, kind, subresource, issuedUs }) => {
      if (client === "job-controller" && kind === "Job" && subresource === "status")
        patches.push(issuedUs);
    });
    world.create(job("work", { completions: 20, parallelism: 20 }));
    world.run(30);
    expect(condition(world.job("work"))).toBe("Complete");
    expect(patches.length).toBeLessThan(16);
  });

  test("suspended it has no pods; resumed it starts anew", () => {
    const world = new ControllerWorld();
    const record = world.create(
      job("work", { parallelism: 2, completions: 2, suspend: true }),
    ) as KeyRecord<Job>;
    world.run(5);
    expect(world.pods).toEqual([]);
    expect(record.stored?.status.startTime).toBeUndefined();
    expect(record.stored?.status.conditions).toMatchObject([{ type: "Suspended", status: "True" }]);
    world.patch(record, { spec: { suspend: false } });
    world.run(5);
    expect(world.pods).toHaveLength(2);
    expect(timestampUs(record.stored?.status.startTime ?? "")).toBe(6 * SECOND);
    world.patch(record, { spec: { suspend: true } });
    world.run(5);
    expect(world.pods).toEqual([]);
    expect(record.stored?.status).toMatchObject({ active: 0 });
    expect(record.stored?.status.failed ?? 0).toBe(0);
  });
});
