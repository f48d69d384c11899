import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ApiObject, KeyRecord, type Pod } from "../api/index.ts";
import { InputError, Kernel } from "../kernel/index.ts";
import { type Profile, parseProfile } from "./profile.ts";
import { ReadyPods } from "./ready-pods.ts";
import { scrapeWindow } from "./scrape.ts";
import { averageUsage, usageAt } from "./usage-integral.ts";
import { type UsageModel, UsageModels } from "./usage-model.ts";

const SECOND = 1_000_000;
const models = new UsageModels({ web: "0s=6, 100s~12" });

const profile = (text: string): Profile => {
  const parsed = parseProfile(text);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
};

describe("a profile", () => {
  test.each([
    ["250m", 0, 0.25],
    ["60%", 5, 1.2],
    ["0s=100m, 60s=400m", 59, 0.1],
    ["0s=100m, 60s=400m", 60, 0.4],
    ["0s=100m, 60s=400m", 9999, 0.4],
    ["10s=1", 9, 0],
    ["0s=1, 100s~3", 50, 2],
    ["0s=1, 100s~3", 200, 3],
    ["100s~3", 50, 1.5],
    ["0s=1, 50s=2, 100s~4", 75, 3],
    ["0s=100%, 10s~0", 5, 1],
    ["0s=1Ki, 10s=1Mi", 10, 1_048_576],
  ])("%s at %d s is %d, of a request of 2", (text, seconds, value) => {
    expect(profile(text).at(seconds * SECOND, 2)).toBeCloseTo(value, 9);
  });

  test("just before a step it is what it was", () => {
    const steps = profile("0s=1, 10s=2");
    expect([steps.before(10 * SECOND, 0), steps.at(10 * SECOND, 0)]).toEqual([1, 2]);
  });

  test.each([
    ["", '"" is neither a quantity, such as 250m, nor a share, such as 60%'],
    ["lots", '"lots" is neither a quantity, such as 250m, nor a share, such as 60%'],
    ["-1", '"-1" is negative'],
    ["60=1", '"60=1" does not begin with a time, such as 60s'],
    ["0s=1, 20s=2, 10s=3", "10s is not later"],
    ["0s=1, 20s", '"20s" does not begin with a time, such as 60s'],
  ])("%s is refused", (text, why) => expect(parseProfile(text)).toBe(why));
});

describe("a usage model", () => {
  test("is a sum of terms", () => {
    const model = models.parse("50m + share: web + clock: 0s=1", "here");
    expect(model.map(({ kind, text }) => [kind, text])).toEqual([
      ["age", "50m"],
      ["share", "web"],
      ["clock", "0s=1"],
    ]);
  });

  test.each([
    ["share: wob", /did you mean the series web\?/],
    ["share: 50%", /has no request to be a share of/],
    ["much", /^here: got "much": .* Want an amount/],
  ])("%s is refused", (text, message) => {
    expect(() => models.parse(text, "here")).toThrow(message);
    expect(() => models.parse(text, "here")).toThrow(InputError);
  });

  test("a series that cannot be read is refused at once", () => {
    expect(() => new UsageModels({ a: "x" })).toThrow(/^metrics.series.a: got "x"/);
  });
});

/** Pods that become ready and unready at given seconds, and share `web`. */
function readyPods(turns: readonly (readonly [number, string, boolean])[]) {
  const kernel = new Kernel("1");
  const pods = new ReadyPods(kernel, 1e9 * SECOND, () => models.parse("share: web", "here"));
  const records = new Map<string, KeyRecord<Pod>>();
  const turn = kernel.handler("turn", ([name, isReady]: readonly [string, boolean]) => {
    let record = records.get(name);
    const type = record === undefined ? "ADDED" : "MODIFIED";
    record ??= new KeyRecord<Pod>(records.size, "Pod", "default", name);
    records.set(name, record);
    const conditions = [{ type: "Ready", status: isReady ? "True" : "False" }];
    const metadata = { name, namespace: "default", annotations: {} };
    const object = { metadata, status: { phase: "Running", conditions } } as unknown as ApiObject;
    const key = record as unknown as KeyRecord;
    pods.onCommit({ type, revision: 1, timeUs: kernel.nowUs, record: key, object, old: undefined });
  });
  for (const [seconds, name, isReady] of turns)
    kernel.at(seconds * SECOND, turn, [name, isReady], undefined);
  kernel.run(Number.MAX_SAFE_INTEGER);
  return (name: string, limit = Number.POSITIVE_INFINITY) => ({
    pods,
    subject: {
      record: records.get(name) as KeyRecord<Pod>,
      metadata: { namespace: "default" },
      startUs: 0,
      request: 1,
      limit,
    },
  });
}

describe("a divided load", () => {
  const of = readyPods([
    [10, "a", true],
    [20, "b", true],
    [30, "a", false],
  ]);
  const share = models.parse("share: web", "here");

  test.each([
    ["a", 5, 0],
    ["a", 10, 6.6],
    ["a", 20, 3.6],
    ["b", 20, 3.6],
    ["a", 30, 0],
    ["b", 30, 7.8],
  ])("gives %s at %d s %d", (name, seconds, value) => {
    const { pods, subject } = of(name);
    expect(usageAt(share, subject, pods, seconds * SECOND)).toBeCloseTo(value, 9);
  });

  test("is averaged over a window in which pods come and go", () => {
    const { pods, subject } = of("a");
    expect(averageUsage(share, subject, pods, 0, 40 * SECOND)).toBeCloseTo(
      (10 * ((6.6 + 7.2) / 2) + 10 * ((3.6 + 3.9) / 2)) / 40,
      9,
    );
  });

  test("is cut off at the limit, exactly where it crosses it", () => {
    const { pods, subject } = of("a", 6.9);
    // Alone from 6.6 up to 7.2: half of the time below the limit.
    const mean = averageUsage(share, subject, pods, 10 * SECOND, 20 * SECOND);
    expect(mean).toBeCloseTo(0.5 * ((6.6 + 6.9) / 2) + 0.5 * 6.9, 9);
  });

  test("adds up to the load while somebody is ready", () => {
    const whole = models.parse("clock: web", "here");
    const shares = ["a", "b"].map((name) => {
      const { pods, subject } = of(name);
      return averageUsage(share, subject, pods, 10 * SECOND, 90 * SECOND);
    });
    const { pods, subject } = of("a");
    const load = averageUsage(whole, subject, pods, 10 * SECOND, 90 * SECOND);
    expect((shares[0] ?? 0) + (shares[1] ?? 0)).toBeCloseTo(load, 9);
  });
});

test("an average equals a fine sum, for any profile and window", () => {
  const of = readyPods([[0, "a", true]]);
  const point = fc.record({
    gap: fc.integer({ min: 1, max: 20 }),
    value: fc.integer({ min: 0, max: 9 }),
    isRamp: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(point, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 9 }),
      (points, from, length, limit) => {
        let seconds = 0;
        const text = points.map(({ gap, value, isRamp }) => {
          seconds += gap;
          return `${seconds}s${isRamp ? "~" : "="}${value}`;
        });
        const model: UsageModel = models.parse(text.join(","), "here");
        const { pods, subject } = of("a", limit);
        let sum = 0;
        for (let i = 0; i < length * 100; i++) {
          sum += usageAt(model, subject, pods, from * SECOND + i * 10_000 + 5_000);
        }
        const toUs = (from + length) * SECOND;
        const mean = averageUsage(model, subject, pods, from * SECOND, toUs);
        expect(Math.abs(mean - sum / (length * 100))).toBeLessThan(0.01);
      },
    ),
    { seed: 7, numRuns: 200 },
  );
});

describe("the window of a scrape", () => {
  test.each<[string, number, number, [number, number] | undefined]>([
    ["between the last two scrapes", 50, 0, [30, 45]],
    ["at a scrape itself", 45, 0, [30, 45]],
    ["a container that began between them, 10 s before", 50, 35, [35, 45]],
    ["a container that began less than 10 s before", 50, 36, undefined],
    ["a container that began after the last scrape", 50, 48, undefined],
    ["before there were two scrapes", 20, 0, [0, 15]],
    ["before there was one", 14, 0, undefined],
  ])("%s", (_, now, start, wanted) => {
    const window = scrapeWindow(now * SECOND, 15 * SECOND, start * SECOND);
    const [from = 0, to = 0] = wanted ?? [];
    expect(window).toEqual(
      wanted === undefined ? undefined : { fromUs: from * SECOND, toUs: to * SECOND },
    );
  });
});
