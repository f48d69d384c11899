/** Cores that requests share: times by hand, against a plain simulation, and in the formulas. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BackendFixture, SECOND } from "../../../test/backend-fixture.ts";
import { type OraclePod, oracleEndsUs } from "../../../test/processor-sharing-oracle.ts";
import { parseTimeDistribution } from "../../kernel/index.ts";

const MANY = { concurrency: 1_000_000 };
const log = (fixture: BackendFixture): string[] => {
  fixture.run();
  return fixture.log;
};

describe("requests on one core", () => {
  test("two at once take twice as long; one that comes later gets its part", () => {
    const fixture = new BackendFixture({ limits: MANY });
    const pod = fixture.startPod("p");
    fixture.arrive(0, pod, 100);
    fixture.arrive(0, pod, 100);
    fixture.arrive(1_000, pod, 100);
    fixture.arrive(1_050, pod, 100); // of the other 50 are left, at half speed
    expect(log(fixture)).toEqual(["0 ok at 200", "1 ok at 200", "2 ok at 1150", "3 ok at 1200"]);
  });

  test("with as many cores as requests each takes its own time", () => {
    const fixture = new BackendFixture({ cores: [2], limits: MANY });
    const pod = fixture.startPod("p");
    fixture.arrive(0, pod, 100);
    fixture.arrive(10, pod, 100);
    expect(log(fixture)).toEqual(["0 ok at 100", "1 ok at 110"]);
  });

  test("pods share by cpu.shares: three to one, until one has done its work", () => {
    const fixture = new BackendFixture({ limits: MANY });
    fixture.arrive(0, fixture.startPod("a", { cpuRequest: "750m" }), 75);
    fixture.arrive(0, fixture.startPod("b", { cpuRequest: "250m" }), 75);
    expect(log(fixture)).toEqual(["0 ok at 100", "1 ok at 150"]); // b: 25 done, 50 left
  });

  test("a pod without a request has 2 shares: next to nothing beside one of 1,022", () => {
    const fixture = new BackendFixture({ limits: MANY });
    fixture.arrive(0, fixture.startPod("a", { cpuRequest: "999m" }), 1_022);
    fixture.arrive(0, fixture.startPod("b"), 1_022);
    expect(log(fixture)).toEqual(["0 ok at 1024", "1 ok at 2044"]);
  });

  test("nobody gets more than it wants: the rest goes to the others", () => {
    const fixture = new BackendFixture({ cores: [2], limits: MANY });
    const [a, b] = [fixture.startPod("a"), fixture.startPod("b")];
    fixture.arrive(0, a, 100); // wants one of two cores, and gets it
    for (let i = 0; i < 4; i++) fixture.arrive(0, b, 100); // a core for four, then two
    expect(log(fixture)).toEqual(["0 ok at 100", ...[1, 2, 3, 4].map((i) => `${i} ok at 250`)]);
  });

  test("a CPU limit holds on an idle node", () => {
    const fixture = new BackendFixture({ cores: [8], limits: MANY });
    const limited = fixture.startPod("a", { cpuLimit: "500m" });
    const free = fixture.startPod("b");
    for (const pod of [limited, free]) for (let i = 0; i < 2; i++) fixture.arrive(0, pod, 100);
    expect(log(fixture)).toEqual(["2 ok at 100", "3 ok at 100", "0 ok at 400", "1 ok at 400"]);
  });

  test("half a core for each request: two fit on one core, four take twice as long", () => {
    const fixture = new BackendFixture({ limits: { ...MANY, cpu: 0.5 } });
    const pod = fixture.startPod("p");
    for (const atUs of [0, 0, 1_000, 1_000, 1_000, 1_000]) fixture.arrive(atUs, pod, 100);
    const later = [2, 3, 4, 5].map((i) => `${i} ok at 1200`);
    expect(log(fixture)).toEqual(["0 ok at 100", "1 ok at 100", ...later]);
  });

  test.each([
    ["the model takes no CPU", { limits: { ...MANY, cpu: 0 } }],
    ["contention is switched off", { limits: MANY, options: { cpuContention: false } }],
    ["the node's cores are not known", { limits: MANY, cores: [0] }],
  ])("are not slowed down when %s", (_case, settings) => {
    const fixture = new BackendFixture(settings);
    const pod = fixture.startPod("p", { cpuLimit: "100m" });
    for (let i = 0; i < 3; i++) fixture.arrive(0, pod, 100);
    expect(log(fixture)).toEqual([0, 1, 2].map((i) => `${i} ok at 100`));
    expect(fixture.backends.requestsInService("default/p", 0, 100)).toBe(3);
  });
});

describe("against a plain simulation", () => {
  const pod = fc.record({
    milli: fc.constantFrom(0, 100, 250, 1_000, 3_000),
    limitMilli: fc.constantFrom(0, 0, 300, 1_500),
    concurrency: fc.constantFrom(1, 2, 100),
  });
  const request = fc.record({
    pod: fc.nat({ max: 3 }),
    atUs: fc.nat({ max: 120 }),
    workUs: fc.integer({ min: 1, max: 40 }),
  });
  const scenario = fc.record({
    cores: fc.constantFrom(1, 2, 3.5),
    cpu: fc.constantFrom(0.3, 1, 2),
    pods: fc.array(pod, { minLength: 1, maxLength: 4 }),
    requests: fc.array(request, { minLength: 1, maxLength: 40 }),
  });

  test("every request is done in the same microsecond; no more cores are used than there are", () => {
    let contended = 0;
    fc.assert(
      fc.property(scenario, ({ cores, cpu, pods, requests }) => {
        const fixture = new BackendFixture({ cores: [cores], limits: { cpu } });
        const endpoints = pods.map(({ milli, limitMilli, concurrency }, p) =>
          fixture.startPod(`p${p}`, {
            annotations: { "stowage.dev/concurrency": String(concurrency) },
            ...(milli > 0 ? { cpuRequest: `${milli}m` } : {}),
            ...(limitMilli > 0 ? { cpuLimit: `${limitMilli}m` } : {}),
          }),
        );
        const oraclePods = pods.map(
          ({ milli, limitMilli, concurrency }): OraclePod => ({
            weight: Math.max(2, Math.trunc((milli * 1024) / 1000)),
            limit: limitMilli > 0 ? limitMilli / 1000 : Number.POSITIVE_INFINITY,
            cpu,
            concurrency,
          }),
        );
        const sent = requests
          .map((each) => ({ ...each, pod: each.pod % pods.length }))
          .sort((a, b) => a.atUs - b.atUs);
        for (const { pod: p, atUs, workUs } of sent)
          fixture.arrive(atUs, endpoints[p] as (typeof endpoints)[0], workUs);
        fixture.run();
        const endsUs = sent.map(() => -1);
        for (const { number, atUs } of fixture.endings) endsUs[number] = atUs;
        expect(endsUs).toEqual(oracleEndsUs(cores, oraclePods, sent));
        const { nowUs } = fixture.kernel;
        fixture.run(2 * SECOND);
        checkWork(fixture, cores, cpu, pods.length, sent, nowUs);
        if (sent.some(({ atUs, workUs }, i) => (endsUs[i] ?? 0) > atUs + workUs)) contended++;
      }),
      { seed: 11, numRuns: 400 },
    );
    expect(contended).toBeGreaterThan(200);
  });

  /** Busy time is the work that was done, but for the rest of the microsecond in which a request ends. */
  function checkWork(
    { backends }: BackendFixture,
    cores: number,
    cpu: number,
    podCount: number,
    sent: readonly { readonly pod: number; readonly workUs: number }[],
    endUs: number,
  ): void {
    let total = 0;
    for (let p = 0; p < podCount; p++) {
      const own = sent.filter(({ pod: number }) => number === p);
      const used = backends.requestsInService(`default/p${p}`, 0, SECOND);
      if (own.length === 0) {
        expect(used).toBeUndefined();
        continue;
      }
      const usedUs = (used ?? 0) * SECOND;
      const workUs = own.reduce((sum, each) => sum + each.workUs * cpu, 0);
      expect(usedUs).toBeGreaterThan(workUs - 1e-3);
      expect(usedUs).toBeLessThan(workUs + own.length * cpu + 1e-3);
      total += usedUs;
    }
    expect(total).toBeLessThan(cores * endUs + 1e-3);
  }
});

describe("in the formulas", () => {
  /** Mean and half width of its 99 % confidence interval by 30 batch means (t = 2.756). */
  function batchMeans(values: readonly number[]): { mean: number; halfWidth: number } {
    const size = Math.floor(values.length / 30);
    const means = Array.from({ length: 30 }, (_, i) => {
      const batch = values.slice(i * size, (i + 1) * size);
      return batch.reduce((sum, value) => sum + value, 0) / size;
    });
    const mean = means.reduce((sum, value) => sum + value, 0) / 30;
    const variance = means.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / 29;
    return { mean, halfWidth: 2.756 * Math.sqrt(variance / 30) };
  }

  test.each([
    // Mean time in an M/G/1-PS queue: 1 / (mu - lambda), whatever the service time's distribution.
    ["M/M/1-PS, load 0.5", "exponential(mean=20ms)", "exponential(mean=10ms)", 20],
    ["M/M/1-PS, load 0.8", "exponential(mean=12.5ms)", "exponential(mean=10ms)", 50],
    ["M/D/1-PS, load 0.8", "exponential(mean=12.5ms)", "constant(10ms)", 50],
  ])("%s: the mean sojourn time, and the busy share of the core", (_case, gaps, work, meanMs) => {
    const requests = 60_000;
    const fixture = new BackendFixture({ limits: MANY });
    const pod = fixture.startPod("p");
    const gap = parseTimeDistribution(gaps, "gaps");
    const service = parseTimeDistribution(work, "work");
    const [gapStream, workStream] = ["gaps", "work"].map((name) => fixture.kernel.stream(name));
    if (gapStream === undefined || workStream === undefined) throw new Error("no stream");
    let atUs = 0;
    let workUs = 0;
    const startsUs = Array.from({ length: requests }, () => {
      atUs += gap.sampleUs(gapStream);
      const ownUs = service.sampleUs(workStream);
      workUs += ownUs;
      fixture.arrive(atUs, pod, ownUs);
      return atUs;
    });
    fixture.run();
    const times = startsUs.map(() => 0);
    for (const { number, atUs: endUs } of fixture.endings)
      times[number] = (endUs - (startsUs[number] ?? 0)) / 1_000;
    const { mean, halfWidth } = batchMeans(times.slice(requests / 10));
    expect(halfWidth / meanMs).toBeLessThan(0.12);
    expect(Math.abs(mean - meanMs)).toBeLessThan(halfWidth);
    const { busy } = [...fixture.backends.state.servers.values()][0] ?? {};
    expect(Math.abs((busy?.sum ?? 0) - workUs)).toBeLessThan(requests);
  });
});
