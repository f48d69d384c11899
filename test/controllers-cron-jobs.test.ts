import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CronJob,
  type Event,
  type Job,
  type Manifest,
  timestampUs,
} from "../sim/api/index.ts";
import {
  ControllerWorld,
  type Fate,
  SECOND,
  template,
  type WorldOptions,
} from "./controllers-fixture.ts";

/** Virtual time begins at 2024-01-01T00:00:00Z: this many minutes after 1970. */
const FIRST_MINUTE = 28_401_120;

function cronJob(schedule: string, spec: object = {}, jobSpec: object = {}): Manifest {
  const pod = template("cron") as { spec: object };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "tick", namespace: "default" },
    spec: {
      schedule,
      jobTemplate: {
        metadata: { labels: { from: "cron" }, annotations: { note: "x" } },
        spec: { ...jobSpec, template: { spec: { restartPolicy: "Never", ...pod.spec } } },
      },
      ...spec,
    },
  };
}

class Cron {
  readonly world: ControllerWorld;
  /** Names of the Jobs in the order of their creation. */
  readonly made: string[] = [];
  /** The most Jobs that ran at one time. */
  most = 0;

  constructor(manifest: Manifest, options: WorldOptions = {}) {
    this.world = new ControllerWorld({ fate: () => "succeeds", ...options });
    this.world.trace.committed.subscribe(({ record, type }) => {
      if (record.kind !== "Job") return;
      if (type === "ADDED") this.made.push(record.name);
      const running = this.jobs.filter(
        ({ metadata, status }) =>
          metadata.deletionTimestamp === undefined &&
          !status.conditions?.some((each) => each.type === "Complete" || each.type === "Failed"),
      );
      this.most = Math.max(this.most, running.length);
    });
    this.world.create(manifest);
  }

  get jobs(): Job[] {
    return this.world.list<Job>("Job");
  }

  get minutes(): number[] {
    return this.made.map((name) => Number(name.slice("tick-".length)) - FIRST_MINUTE);
  }

  get object(): CronJob {
    return this.world.record("CronJob", "tick").stored as CronJob;
  }

  get events(): string[] {
    return this.world
      .list<Event>("Event")
      .filter(({ involvedObject }) => involvedObject.kind === "CronJob")
      .map(({ reason = "" }) => reason);
  }

  patch(spec: object): void {
    this.world.patch(this.world.record("CronJob", "tick"), { spec });
  }
}

describe("a CronJob", () => {
  test("makes a Job at each time, named after its minute, a little late", () => {
    const cron = new Cron(cronJob("*/2 * * * *"));
    cron.world.run(7 * 60);
    expect(cron.minutes).toEqual([2, 4, 6]);
    const [job] = cron.jobs;
    expect(job?.metadata).toMatchObject({
      labels: { from: "cron" },
      annotations: {
        note: "x",
        "batch.kubernetes.io/cronjob-scheduled-timestamp": "2024-01-01T00:02:00Z",
      },
      ownerReferences: [{ kind: "CronJob", name: "tick", controller: true }],
    });
    expect(timestampUs(job?.metadata.creationTimestamp ?? "")).toBe(120 * SECOND);
    expect(cron.object.status).toMatchObject({
      lastScheduleTime: "2024-01-01T00:06:00Z",
      lastSuccessfulTime: "2024-01-01T00:06:03Z",
      active: [],
    });
  });

  test("keeps three Jobs that succeeded and one that failed", () => {
    const fate = (_pod: unknown, number: number): Fate => (number > 5 ? "fails" : "succeeds");
    const cron = new Cron(cronJob("* * * * *", {}, { backoffLimit: 0 }), { fate });
    cron.world.run(9.5 * 60);
    const kept = cron.jobs.map(({ metadata, status }) => [
      Number(metadata.name.slice(5)) - FIRST_MINUTE,
      status.conditions?.at(-1)?.type,
    ]);
    expect(kept).toEqual([
      [3, "Complete"],
      [4, "Complete"],
      [5, "Complete"],
      [9, "Failed"],
    ]);
  });

  test.each<[string, number[], number]>([
    ["Allow", [1, 2, 3, 4, 5], 2],
    ["Forbid", [1, 2, 3, 4], 1],
    ["Replace", [1, 2, 3, 4, 5], 1],
  ])("%s: Jobs that take 70 seconds, once a minute", (concurrencyPolicy, minutes, most) => {
    const cron = new Cron(cronJob("* * * * *", { concurrencyPolicy }), { runUs: 70 * SECOND });
    cron.world.run(5.5 * 60);
    expect(cron.most).toBe(most);
    expect(cron.minutes).toEqual(minutes);
  });

  test("suspended it makes none; resumed it makes one for all that it missed", () => {
    const cron = new Cron(cronJob("* * * * *", { suspend: true }), { writesEvents: true });
    cron.world.run(3.5 * 60);
    expect(cron.minutes).toEqual([]);
    cron.patch({ suspend: false });
    cron.world.run(60);
    expect(cron.minutes).toEqual([3, 4]);
    expect(cron.events).not.toContain("TooManyMissedTimes");
  });

  test("more than a hundred missed times are told of, and the latest is still made up for", () => {
    const cron = new Cron(cronJob("* * * * *", { suspend: true }), { writesEvents: true });
    cron.world.run(102.5 * 60);
    cron.patch({ suspend: false });
    cron.world.run(10);
    expect(cron.minutes).toEqual([102]);
    expect(cron.events).toContain("TooManyMissedTimes");
  });

  test.each<[number, number[]]>([
    [100, [5]],
    [20, []],
  ])(
    "a start 30 s late is allowed by a deadline of %i s: %j",
    (startingDeadlineSeconds, wanted) => {
      const spec = { suspend: true, startingDeadlineSeconds };
      const cron = new Cron(cronJob("*/5 * * * *", spec));
      cron.world.run(5.5 * 60);
      cron.patch({ suspend: false });
      cron.world.run(60);
      expect(cron.minutes).toEqual(wanted);
    },
  );

  test("another schedule counts from its own next time", () => {
    const cron = new Cron(cronJob("0 * * * *"));
    cron.world.run(60);
    cron.patch({ schedule: "*/3 * * * *" });
    cron.world.run(6 * 60);
    expect(cron.minutes).toEqual([3, 6]);
  });

  test("keeps to its time zone", () => {
    const cron = new Cron(cronJob("0 9 * * *", { timeZone: "Asia/Tokyo" }));
    cron.world.run(3600);
    expect(cron.minutes).toEqual([]);
    cron.world.run(24 * 3600);
    expect(cron.minutes).toEqual([24 * 60]);
    expect(cron.jobs[0]?.metadata.annotations).toMatchObject({
      "batch.kubernetes.io/cronjob-scheduled-timestamp": "2024-01-02T09:00:00+09:00",
    });
  });

  test("a Job that somebody deletes leaves the list", () => {
    const cron = new Cron(cronJob("* * * * *"), { fate: () => "runs", writesEvents: true });
    cron.world.run(65);
    expect(cron.object.status.active).toHaveLength(1);
    cron.world.remove(cron.world.record("Job", cron.made[0] ?? ""));
    cron.world.run(30);
    expect(cron.object.status.active).toEqual([]);
    expect(cron.events).toContain("MissingJob");
  });

  test("a schedule that is never met is told of once, and waits for another", () => {
    const cron = new Cron(cronJob("0 0 31 2 *"), { writesEvents: true });
    cron.world.run(3600);
    expect(cron.events).toEqual(["InvalidSchedule"]);
  });

  test("alone it does not keep a run going", () => {
    const cron = new Cron(cronJob("* * * * *"));
    expect(cron.world.kernel.run(24 * 3600 * SECOND)).toBe("idle");
    expect(cron.world.kernel.nowUs).toBeLessThan(60 * SECOND);
  });
});

test("whatever happens, no time has two Jobs, and Forbid never overlaps", () => {
  fc.assert(
    fc.property(
      fc.record({
        concurrencyPolicy: fc.constantFrom("Allow", "Forbid", "Replace"),
        runSeconds: fc.integer({ min: 1, max: 200 }),
        troubles: fc.array(
          fc.record({
            afterSeconds: fc.integer({ min: 0, max: 90 }),
            what: fc.constantFrom("CronJob", "Job", "Pod", "suspend", "resume"),
          }),
          { maxLength: 8 },
        ),
      }),
      ({ concurrencyPolicy, runSeconds, troubles }) => {
        const cron = new Cron(cronJob("* * * * *", { concurrencyPolicy }), {
          runUs: runSeconds * SECOND,
        });
        for (const { afterSeconds, what } of troubles) {
          cron.world.run(afterSeconds);
          if (what === "suspend" || what === "resume") cron.patch({ suspend: what === "suspend" });
          else cron.world.dropWatches(what, afterSeconds % 2 === 0 ? 410 : 0);
        }
        cron.patch({ suspend: false });
        cron.world.run(10 * 60);
        expect(new Set(cron.made).size).toBe(cron.made.length);
        expect(cron.made.length).toBeGreaterThan(0);
        if (concurrencyPolicy !== "Allow") expect(cron.most).toBe(1);
      },
    ),
    { seed: 9, numRuns: 40 },
  );
});

describe("ttlSecondsAfterFinished", () => {
  const finished = (ttl: number): ControllerWorld => {
    const world = new ControllerWorld({ fate: () => "succeeds" });
    world.create({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "once", namespace: "default" },
      spec: {
        ttlSecondsAfterFinished: ttl,
        template: {
          spec: { restartPolicy: "Never", containers: [{ name: "main", image: "batch:1" }] },
        },
      },
    });
    return world;
  };

  test("a Job goes with its pods that long after its end, not earlier", () => {
    const world = finished(60);
    world.run(50);
    expect(world.list("Job")).toHaveLength(1);
    world.run(30);
    expect([world.list("Job"), world.pods]).toEqual([[], []]);
  });

  test("0 deletes it at once", () => {
    const world = finished(0);
    world.run(20);
    expect([world.list("Job"), world.pods]).toEqual([[], []]);
  });

  test("a time that is put off holds", () => {
    const world = finished(60);
    world.run(30);
    world.patch(world.record("Job", "once"), { spec: { ttlSecondsAfterFinished: 600 } });
    world.run(100);
    expect(world.list("Job")).toHaveLength(1);
    world.run(600);
    expect(world.list("Job")).toHaveLength(0);
  });
});
