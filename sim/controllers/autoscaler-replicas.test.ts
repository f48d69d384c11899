import { describe, expect, test } from "vitest";
import { type Pod, timestamp } from "../api/index.ts";
import { ReplicaCalculator, type ReplicaProposal } from "./autoscaler-replicas.ts";

/** Cases as those of replica_calculator_test.go of v1.30. */
const MINUTE = 60_000_000;
const NOW = 60 * MINUTE;
const calculator = new ReplicaCalculator({
  tolerance: 0.1,
  cpuInitializationPeriodUs: 5 * MINUTE,
  initialReadinessDelayUs: 30_000_000,
});

interface PodCase {
  /** Thousandths; undefined: its metric is missing. */
  readonly used?: number;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly deleted?: boolean;
  /** Before now. */
  readonly startedAgoUs?: number;
  readonly turnedAgoUs?: number;
  readonly request?: string;
}

function podOf(pod: PodCase, index: number): Pod {
  const { ready = true, phase = "Running", startedAgoUs = 30 * MINUTE, request = "1" } = pod;
  const turnedAgoUs = pod.turnedAgoUs ?? startedAgoUs;
  const requests = request === "" ? {} : { cpu: request, memory: request };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `p${index}`,
      namespace: "default",
      uid: "",
      resourceVersion: "",
      creationTimestamp: "",
      ...(pod.deleted === true ? { deletionTimestamp: timestamp(NOW) } : {}),
    },
    spec: { containers: [{ name: "main", resources: { requests } }] },
    status: {
      phase,
      startTime: timestamp(NOW - startedAgoUs),
      conditions: [
        {
          type: "Ready",
          status: ready ? "True" : "False",
          lastTransitionTime: timestamp(NOW - turnedAgoUs),
        },
      ],
    },
  } as Pod;
}

function scene(cases: readonly PodCase[], currentReplicas = cases.length) {
  const pods = cases.map(podOf);
  const metrics = new Map(
    cases.flatMap(({ used }, i) => {
      const metric = { valueMilli: used ?? 0, timestampUs: NOW, windowUs: MINUTE };
      return used === undefined ? [] : [[`p${i}`, metric] as const];
    }),
  );
  return { metrics, subject: { pods, currentReplicas, nowUs: NOW } };
}

const replicasOf = (proposal: ReplicaProposal): number | string =>
  typeof proposal === "string" ? proposal : proposal.replicas;
const used = (...values: number[]): PodCase[] => values.map((value) => ({ used: value }));
const starting = { ready: false, startedAgoUs: 10_000_000 };

describe("byUtilization", () => {
  test.each<[string, PodCase[], number, number | string, number?]>([
    ["scales up", used(300, 500, 700), 30, 5],
    ["scales down", used(100, 300, 500, 250, 250), 50, 3],
    ["rounds up", used(510, 510), 40, 3],
    ["leaves a ratio of 1.08 alone", used(540, 540), 50, 2],
    ["follows a ratio of 1.1, which as a float is a little more", used(550, 550), 50, 3],
    ["leaves a ratio of 0.9 alone", used(450, 450), 50, 2],
    ["truncates the utilisation to whole per cent", used(279, 279), 25, 2],
    [
      "counts unready pods as idle on the way up",
      [starting, ...used(500, 700)].map((pod, i) => (i === 0 ? { ...pod, used: 300 } : pod)),
      30,
      4,
    ],
    [
      "leaves unready pods out on the way down",
      [...used(200, 200, 200), { ...starting, used: 900 }],
      50,
      2,
      4,
    ],
    [
      "ignores pods that have not started",
      [{ ...starting, phase: "Pending" }, ...used(500, 500)],
      30,
      4,
      3,
    ],
    [
      "does not turn round because of unready pods",
      [{ ...starting, used: 100 }, { ...starting, used: 100 }, ...used(500)],
      30,
      3,
    ],
    ["counts missing pods as idle on the way up", [{}, ...used(300, 500, 700)], 30, 5],
    [
      "counts missing pods as fully used on the way down",
      [{}, ...used(100, 300, 500, 250, 250)],
      50,
      5,
      5,
    ],
    ["stays when missing pods would turn it round", [{}, ...used(450)], 60, 2],
    ["takes the target for missing pods where it is above 100", [{}, ...used(1300, 1300)], 150, 3],
    [
      "leaves pods that are being deleted out",
      [{ used: 900, deleted: true }, ...used(500, 500)],
      50,
      3,
      3,
    ],
    ["leaves failed pods out", [{ used: 900, phase: "Failed" }, ...used(900, 900)], 50, 4, 3],
    ["needs pods", [], 50, "no pods returned by selector while calculating replica count"],
    [
      "needs metrics",
      [{ ...starting, used: 100 }],
      50,
      "did not receive metrics for targeted pods (pods might be unready)",
    ],
    [
      "needs requests",
      [{ used: 100, request: "" }],
      50,
      "missing request for cpu in container main of Pod p0",
    ],
  ])("%s", (_, cases, target, wanted, current = cases.length) => {
    const { metrics, subject } = scene(cases, current);
    expect(replicasOf(calculator.byUtilization(metrics, subject, "cpu", "", target))).toBe(wanted);
  });

  test("tells the utilisation and the usage per pod, of those that count", () => {
    const { metrics, subject } = scene(used(300, 500, 700));
    const proposal = calculator.byUtilization(metrics, subject, "cpu", "", 30);
    expect(proposal).toEqual({ replicas: 5, utilization: 50, usageMilli: 500 });
  });

  test.each<[string, Omit<PodCase, "used">, boolean]>([
    ["ready for a whole window", { startedAgoUs: 2 * MINUTE, turnedAgoUs: MINUTE }, true],
    ["ready for less than a window", { startedAgoUs: 2 * MINUTE, turnedAgoUs: 30_000_000 }, false],
    ["not ready within the initialisation period", { ...starting }, false],
    ["ready late, after that period", { startedAgoUs: 6 * MINUTE, turnedAgoUs: 1 }, true],
    ["never ready", { ready: false, startedAgoUs: 6 * MINUTE, turnedAgoUs: 6 * MINUTE }, false],
    ["unready again later", { ready: false, startedAgoUs: 6 * MINUTE, turnedAgoUs: MINUTE }, true],
  ])("counts the cpu of a pod %s: %o", (_, pod, counts) => {
    const { metrics, subject } = scene([...used(500), { ...pod, used: 900 }]);
    const proposal = calculator.byUtilization(metrics, subject, "cpu", "", 10);
    expect(proposal).toMatchObject({ utilization: counts ? 70 : 50 });
  });

  test("counts the memory of pods that are not ready", () => {
    const { metrics, subject } = scene([...used(500), { ...starting, used: 900 }]);
    const proposal = calculator.byUtilization(metrics, subject, "memory", "", 35);
    expect(proposal).toMatchObject({ replicas: 4, utilization: 70 });
  });
});

describe("byAverage", () => {
  test.each<[string, PodCase[], number, number]>([
    ["scales up", used(20_000, 10_000, 30_000), 15_000, 4],
    ["scales down", used(12_000, 12_000, 12_000, 12_000, 12_000), 20_000, 3],
    ["leaves what is near alone", used(20_000, 21_000, 21_000), 20_666, 3],
    ["counts missing pods as idle on the way up", [{}, ...used(50_000, 60_000)], 25_000, 5],
    [
      "counts missing pods as at the target on the way down",
      [{}, ...used(5_000, 5_000)],
      10_000,
      2,
    ],
    [
      "counts unready pods of a metric that is not cpu",
      [{ ...starting, used: 50_000 }, ...used(10_000, 30_000)],
      15_000,
      6,
    ],
    [
      "ignores pending pods",
      [{ phase: "Pending", used: 50_000 }, ...used(50_000, 10_000)],
      15_000,
      4,
    ],
  ])("%s", (_, cases, target, wanted) => {
    const { metrics, subject } = scene(cases);
    expect(replicasOf(calculator.byAverage(metrics, subject, "", target))).toBe(wanted);
  });
});

describe("a value of one object or series", () => {
  test.each<[string, number, PodCase[], number, number, number | string]>([
    ["scales with the ready pods", 20_000, [{}, {}, { ready: false }], 3, 15_000, 3],
    ["is left alone when it is near", 16_000, [{}, {}, {}], 3, 15_000, 3],
    ["scales down", 1_000, [{}, {}, {}, {}], 4, 4_000, 1],
    ["scales up from none", 20_000, [], 0, 8_000, 3],
    [
      "needs pods",
      20_000,
      [],
      2,
      8_000,
      "unable to calculate ready pods: no pods returned by selector while calculating replica count",
    ],
  ])("%s", (_, value, cases, current, target, wanted) => {
    const { subject } = scene(cases, current);
    expect(replicasOf(calculator.byValue(value, subject, target))).toBe(wanted);
  });

  test.each([
    ["scales up", 8_600, 3, 1_000, { replicas: 9, usageMilli: 2_867 }],
    ["is left alone when it is near", 8_600, 9, 1_000, { replicas: 9, usageMilli: 956 }],
    ["scales down", 2_000, 5, 1_000, { replicas: 2, usageMilli: 400 }],
  ])("per pod: %s", (_, value, replicas, target, wanted) => {
    expect(calculator.byValuePerPod(value, replicas, target)).toEqual(wanted);
  });
});
