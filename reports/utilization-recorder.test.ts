import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../test/builders.ts";
import { FactScript } from "../test/fact-script.ts";
import { noWarmup, type WarmupRule } from "./outcomes/index.ts";
import { PodJourneys } from "./pod-journeys.ts";
import type { Row } from "./row.ts";
import { TimeWeighted } from "./time-weighted.ts";
import { UtilizationRecorder, utilizationColumns } from "./utilization-recorder.ts";

const resources = ["cpu", "x.io/gpu-milli"];
const columns = utilizationColumns(resources);
const column = (name: string) => columns.indexOf(name);

function record(
  intervalUs: number,
  endUs: number,
  tell: (script: FactScript) => void,
  warmup: WarmupRule = noWarmup,
) {
  const rows: Row[] = [];
  const script = new FactScript();
  const journeys = new PodJourneys();
  journeys.attach(script.trace);
  const recorder = new UtilizationRecorder({ resources, intervalUs, warmup }, (row) =>
    rows.push(row),
  );
  recorder.attach(script.trace, journeys);
  tell(script);
  journeys.finish();
  recorder.finish(endUs);
  return { rows, use: recorder.use(0), recorder };
}

const node = (name: string) => makeNode(name).cpu("4").resource("x.io/gpu-milli", "2000").build();
const pod = (name: string) => makePod(name).cpu("1").request("x.io/gpu-milli", "500").build();

describe("UtilizationRecorder", () => {
  test("names its columns by resource and unit", () => {
    expect(columns).toEqual([
      "start_s",
      "end_s",
      "nodes",
      "pending_pods",
      "starting_pods",
      "running_pods",
      "queue_active",
      "queue_backoff",
      "queue_unschedulable",
      "queue_gated",
      "cpu_allocatable_milli",
      "cpu_requested_milli",
      "cpu_share",
      "cpu_arrived_milli",
      "cpu_arrived_share",
      "gpu_milli_allocatable",
      "gpu_milli_requested",
      "gpu_milli_share",
      "gpu_milli_arrived",
      "gpu_milli_arrived_share",
    ]);
  });

  test("weights by time: a pod bound for half an interval is half a pod", () => {
    const { rows, use } = record(100, 150, (script) =>
      script
        .node("n1", node("n1"), 0)
        .created(pod("a"), 20)
        .bound("a", "n1", 50)
        .started("a", "n1", 70)
        .reported("a", "Running", 75)
        .reported("a", "Succeeded", 125),
    );
    expect(rows).toEqual([
      [
        ...["0.000000", "0.000100", 1, 0.3, 0.25, 0.25, 0, 0, 0, 0],
        ...[4000, 500, 0.125, 800, 0.2, 2000, 250, 0.125, 400, 0.2],
      ],
      [
        ...["0.000100", "0.000150", 1, 0, 0, 0.5, 0, 0, 0, 0],
        ...[4000, 500, 0.125, 1000, 0.25, 2000, 250, 0.125, 500, 0.25],
      ],
    ]);
    expect(use[0]).toEqual({
      resource: "cpu",
      meanShare: 75_000 / 150 / 4000,
      endShare: 0,
      endRequested: 0,
      endAllocatable: 4000,
    });
  });

  test("writes an interval in which nothing changed, and none after the end", () => {
    const { rows } = record(100, 300, (script) => script.node("n1", node("n1"), 0));
    expect(rows.map((row) => [row[0], row[1], row[column("nodes")]])).toEqual([
      ["0.000000", "0.000100", 1],
      ["0.000100", "0.000200", 1],
      ["0.000200", "0.000300", 1],
    ]);
  });

  test("a change on the border of two intervals belongs to the second", () => {
    const { rows } = record(100, 200, (script) =>
      script.node("n1", node("n1"), 0).node("n2", node("n2"), 100),
    );
    expect(rows.map((row) => row[column("nodes")])).toEqual([1, 2]);
  });

  test("a node that changes or leaves takes its old amounts with it", () => {
    const { rows } = record(100, 300, (script) =>
      script
        .node("n1", node("n1"), 0)
        .node("n1", makeNode("n1").cpu("8").build(), 100)
        .node("n1", undefined, 200),
    );
    expect(rows.map((row) => row[column("cpu_allocatable_milli")])).toEqual([4000, 8000, 0]);
    expect(rows.map((row) => row[column("gpu_milli_allocatable")])).toEqual([2000, 0, 0]);
    expect(rows.map((row) => row[column("cpu_share")])).toEqual([0, 0, 0]);
  });

  test("counts a node that changes once", () => {
    const { rows } = record(100, 300, (script) => {
      script.node("n1", node("n1"), 0).node("n1", node("n1"), 100).node("n1", undefined, 200);
    });
    expect(rows.map((row) => row[column("cpu_allocatable_milli")])).toEqual([4000, 4000, 0]);
  });

  test.each<[string, (script: FactScript) => void]>([
    ["deleted while pending", (s) => s.deleted("a", 10)],
    ["deleted while starting", (s) => s.bound("a", "n1", 5).deleted("a", 10)],
    ["failed before it ran", (s) => s.bound("a", "n1", 5).reported("a", "Failed", 10)],
    [
      "ended, then deleted",
      (s) => s.bound("a", "n1", 5).reported("a", "Succeeded", 10).deleted("a", 20),
    ],
  ])("a pod that is %s leaves nothing behind", (_, tell) => {
    const { rows } = record(100, 200, (script) => {
      tell(script.node("n1", node("n1"), 0).created(pod("a"), 0));
    });
    const arrived = 0.25; // stays
    expect(rows[1]?.slice(2)).toEqual([
      ...[1, 0, 0, 0, 0, 0, 0, 0],
      ...[4000, 0, 0, 1000, arrived, 2000, 0, 0, 500, arrived],
    ]);
  });

  test("the scheduler's queues are counted as pods come and go", () => {
    const { rows } = record(100, 100, (script) =>
      script
        .node("n1", node("n1"), 0)
        .queued("a", 0)
        .dequeued("a", 25)
        .queued("a", 25, "unschedulable")
        .dequeued("a", 50, "unschedulable")
        .queued("a", 50, "backoff")
        .queued("g", 90, "gated"),
    );
    const queues = ["active", "backoff", "unschedulable", "gated"].map((q) => column(`queue_${q}`));
    expect(queues.map((at) => rows[0]?.[at])).toEqual([0.25, 0.5, 0.25, 0.1]);
  });

  describe("means after the warm-up", () => {
    /** Full from 0 to 40, then half full to 100; pod p0 to p9 are created at 0, 10, 20 ... */
    const emptying = (script: FactScript): void => {
      script.node("n1", makeNode("n1").cpu("2").build(), 0);
      for (let i = 0; i < 10; i++) {
        script.created(pod(`p${i}`), 10 * i);
        if (i < 2) script.bound(`p${i}`, "n1", 10 * i);
        if (i === 4) script.deleted("p0", 40);
      }
    };

    test.each([
      ["none", noWarmup, 0, (10 * 1 + 30 * 2 + 60 * 1) / 200],
      ["a fixed one, within an interval", { ...noWarmup, warmupUs: 25 }, 25, (15 * 2 + 60) / 150],
      ["a fixed one, where intervals meet", { ...noWarmup, warmupUs: 60 }, 60, 0.5],
      ["as long as the run", { ...noWarmup, warmupUs: 100 }, 100, 0.5],
      ["longer than the run", { ...noWarmup, warmupUs: 120 }, 120, 0.5],
      ["one that is found, at every fifth pod", { ...noWarmup, warmupUs: "mser-5" }, 50, 0.5],
    ] as const)("%s", (_case, warmup, fromUs, meanShare) => {
      const { rows, recorder } = record(30, 100, emptying, warmup);
      expect(recorder.use(fromUs)[0]).toMatchObject({ meanShare, endShare: 0.5 });
      expect(rows).toEqual(record(30, 100, emptying).rows); // what is over time stays whole
    });

    test("of pods", () => {
      const { recorder } = record(30, 100, emptying, { ...noWarmup, warmupUs: 75 });
      // From 75 on p2 to p7 wait, from 80 on p8, from 90 on p9.
      expect(recorder.podMeans(75).pending).toBeCloseTo((6 * 5 + 7 * 10 + 8 * 10) / 25, 12);
    });

    test("can only begin where integrals were noted", () => {
      const { recorder } = record(30, 100, emptying, { ...noWarmup, warmupUs: 25 });
      expect(() => recorder.use(26)).toThrow("was noted at 26 us");
    });
  });

  test("equals counting at every microsecond, wherever intervals are cut", () => {
    const END_US = 60;
    const life = fc
      .tuple(fc.nat(END_US - 1), fc.nat(END_US - 1), fc.nat(END_US - 1))
      .map((times) => times.sort((a, b) => a - b));
    const lives = fc.array(life, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lives, fc.integer({ min: 1, max: 70 }), (pods, intervalUs) => {
        const { rows } = record(intervalUs, END_US, (script) => {
          script.node("n1", node("n1"), 0);
          for (let nowUs = 0; nowUs < END_US; nowUs++)
            for (const [index, [createdUs, boundUs, endedUs]] of pods.entries()) {
              if (nowUs === createdUs) script.created(pod(`p${index}`), nowUs);
              if (nowUs === boundUs) script.bound(`p${index}`, "n1", nowUs);
              if (nowUs === endedUs) script.deleted(`p${index}`, nowUs);
            }
        });
        const count = (startUs: number, endUs: number, from: number, to: number) => {
          let sum = 0;
          for (let nowUs = startUs; nowUs < endUs; nowUs++)
            for (const life of pods)
              if (nowUs >= (life[from] ?? 0) && nowUs < (life[to] ?? 0)) sum++;
          return sum / (endUs - startUs);
        };
        expect(rows).toHaveLength(Math.ceil(END_US / intervalUs));
        for (const [index, row] of rows.entries()) {
          const startUs = index * intervalUs;
          const endUs = Math.min(startUs + intervalUs, END_US);
          const pending = row[column("pending_pods")];
          expect(pending).toBeCloseTo(count(startUs, endUs, 0, 1), 5);
          const requested = row[column("cpu_requested_milli")];
          expect(requested).toBeCloseTo(1000 * count(startUs, endUs, 1, 2), 2);
        }
      }),
      { seed: 1 },
    );
  });
});

describe("TimeWeighted", () => {
  test("its mean is the integral over the time, whatever the changes", () => {
    const change = fc.record({ waitUs: fc.nat(1000), value: fc.integer({ min: -50, max: 50 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1 }), (changes) => {
        const gauges = new TimeWeighted(1, 0);
        const everyMicrosecond: number[] = [];
        for (const { waitUs, value } of changes) {
          for (let i = 0; i < waitUs; i++) everyMicrosecond.push(gauges.values[0] ?? 0);
          gauges.advance(gauges.nowUs + waitUs);
          gauges.values[0] = value;
        }
        const sum = everyMicrosecond.reduce((a, b) => a + b, 0);
        if (everyMicrosecond.length === 0) expect(gauges.mean(0)).toBe(changes.at(-1)?.value);
        else expect(gauges.mean(0)).toBe(sum / everyMicrosecond.length);
      }),
      { seed: 1 },
    );
  });

  test("the parts of a run weigh as much as the whole", () => {
    const whole = new TimeWeighted(1, 0);
    const part = new TimeWeighted(1, 0);
    let integral = 0;
    for (const [untilUs, value] of [
      [10, 3],
      [25, 8],
      [40, 1],
    ] as const) {
      for (const gauges of [whole, part]) {
        gauges.values[0] = value;
        gauges.advance(untilUs);
      }
      integral += part.mean(0) * (part.nowUs - (untilUs === 10 ? 0 : untilUs - 15));
      part.restart();
    }
    expect(whole.mean(0)).toBe(integral / 40);
  });

  test("refuses to go back", () => {
    expect(() => new TimeWeighted(1, 5).advance(4)).toThrow("from 5 us to 4 us");
  });
});
