import { describe, expect, test } from "vitest";
import { createTrace } from "../../sim/api/index.ts";
import { NumberSeries } from "./metric-series.ts";
import { SAMPLES_MAX, SampleClock } from "./sample-clock.ts";

/** A clock over one series that says at each time how many facts there were before it. */
function clockOf(intervalUs: number, isFixed: boolean) {
  const trace = createTrace();
  const series = new NumberSeries();
  const clock = new SampleClock({
    intervalUs,
    isFixed,
    sample: (index) => series.sample(index),
    halve: () => series.sampled.halve(),
  });
  clock.attach(trace);
  trace.leadership.subscribe(() => series.value++);
  const fact = (timeUs: number) =>
    trace.leadership.emit({ component: "etcd", leader: "a", step: "lost", timeUs });
  const samples = (endUs: number) => {
    clock.finish(endUs);
    return [...series.sampled.samples(0, clock.count)].map(([index, value]) => [
      clock.timeUs(index, endUs),
      value,
    ]);
  };
  return { fact, samples, clock };
}

describe("SampleClock", () => {
  test("sees what is at or before a sample's time, and nothing after it", () => {
    const { fact, samples } = clockOf(10, true);
    for (const timeUs of [0, 5, 10, 11, 45]) fact(timeUs);
    expect(samples(50)).toEqual([
      [10, 3],
      [20, 4],
      [30, 4],
      [40, 4],
      [50, 5],
    ]);
  });

  test("has its last sample at the end of the run, whatever the interval", () => {
    const { fact, samples } = clockOf(10, true);
    fact(3);
    expect(samples(14)).toEqual([
      [10, 1],
      [14, 1],
    ]);
  });

  test("doubles the interval of a long run, and every sample stays right", () => {
    const { fact, samples, clock } = clockOf(10, false);
    const endUs = 10 * SAMPLES_MAX * 5;
    for (let timeUs = 1; timeUs <= endUs; timeUs += 7) fact(timeUs);
    const all = samples(endUs);
    expect(clock.intervalUs).toBe(80);
    expect(all.length).toBe(endUs / 80);
    for (const [timeUs = 0, value] of all) expect(value).toBe(Math.floor((timeUs - 1) / 7) + 1);
  });

  test("keeps an interval that the user chose", () => {
    const { fact, samples } = clockOf(10, true);
    fact(1);
    expect(samples(10 * SAMPLES_MAX * 2).length).toBe(SAMPLES_MAX * 2);
  });
});
