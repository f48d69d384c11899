import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { autoscaling } from "../api/index.ts";
import {
  type AutoscalerHistory,
  type NormalizationInput,
  normalizeReplicas,
  storeScaleEvent,
} from "./autoscaler-behavior.ts";

const SECOND = 1_000_000;
type Behavior = autoscaling.HorizontalPodAutoscalerBehavior;
type Policy = autoscaling.HPAScalingPolicy;

const history = (): AutoscalerHistory => ({ recommendations: [], scaleUps: [], scaleDowns: [] });
const policy = (type: "Pods" | "Percent", value: number, periodSeconds = 60): Policy => ({
  type,
  value,
  periodSeconds,
});

function behavior(up: object = {}, down: object = {}): Behavior {
  const policies = [policy("Percent", 100, 15)];
  return {
    scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies, ...up },
    scaleDown: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies, ...down },
  };
}

function input(current: number, desired: number, more: Partial<NormalizationInput> = {}) {
  return {
    behavior: undefined,
    minReplicas: 1,
    maxReplicas: 100,
    currentReplicas: current,
    desiredReplicas: desired,
    downscaleStabilizationUs: 300 * SECOND,
    nowUs: 1000 * SECOND,
    ...more,
  };
}

const at = (count: number, seconds: number) => ({ count, timeUs: seconds * SECOND });

describe("without a behavior", () => {
  test.each([
    ["at most twice as many", 10, 30, 20, "ScaleUpLimit"],
    ["at least four", 1, 30, 4, "ScaleUpLimit"],
    ["no more than maxReplicas", 90, 120, 100, "TooManyReplicas"],
    ["no fewer than minReplicas", 5, 0, 1, "TooFewReplicas"],
    ["what is asked for", 5, 8, 8, "DesiredWithinRange"],
  ])("%s", (_, current, desired, replicas, reason) => {
    const normalized = normalizeReplicas(input(current, desired), history());
    expect(normalized).toMatchObject({ replicas, limit: { reason } });
    expect(normalized.isLimited).toBe(reason !== "DesiredWithinRange");
  });

  test("scaling down follows the highest recommendation of the window", () => {
    const past = { ...history(), recommendations: [at(9, 699), at(7, 700), at(4, 900)] };
    const normalized = normalizeReplicas(input(9, 3), past);
    expect(normalized.replicas).toBe(7); // 300 s ago still counts, 301 s ago does not
    expect(normalized.stabilization.reason).toBe("ScaleDownStabilized");
    expect(past.recommendations.map(({ count }) => count)).toEqual([7, 4, 3]);
  });
});

describe("with a behavior", () => {
  test.each<[string, object, number, number, number, string]>([
    ["Percent", { policies: [policy("Percent", 50)] }, 10, 99, 15, "ScaleUpLimit"],
    ["Percent, rounded up", { policies: [policy("Percent", 10)] }, 1, 99, 2, "ScaleUpLimit"],
    ["Pods", { policies: [policy("Pods", 4)] }, 10, 99, 14, "ScaleUpLimit"],
    [
      "the largest policy",
      { policies: [policy("Pods", 4), policy("Percent", 100)] },
      10,
      99,
      20,
      "ScaleUpLimit",
    ],
    [
      "the smallest policy",
      { policies: [policy("Pods", 4), policy("Percent", 100)], selectPolicy: "Min" },
      10,
      99,
      14,
      "ScaleUpLimit",
    ],
    ["Disabled", { selectPolicy: "Disabled" }, 10, 99, 10, "ScaleUpLimit"],
    ["maxReplicas first", { policies: [policy("Pods", 200)] }, 10, 150, 100, "TooManyReplicas"],
  ])("scaling up: %s", (_, up, current, desired, replicas, reason) => {
    const more = { behavior: behavior(up) };
    const normalized = normalizeReplicas(input(current, desired, more), history());
    expect(normalized).toMatchObject({ replicas, isLimited: true, limit: { reason } });
  });

  test.each<[string, object, number, number, number, string]>([
    ["Percent, rounded down", { policies: [policy("Percent", 15)] }, 10, 1, 8, "ScaleDownLimit"],
    ["Pods", { policies: [policy("Pods", 3)] }, 10, 1, 7, "ScaleDownLimit"],
    [
      "the largest policy",
      { policies: [policy("Pods", 3), policy("Percent", 50)] },
      10,
      1,
      5,
      "ScaleDownLimit",
    ],
    [
      "the smallest policy",
      { policies: [policy("Pods", 3), policy("Percent", 50)], selectPolicy: "Min" },
      10,
      1,
      7,
      "ScaleDownLimit",
    ],
    ["Disabled", { selectPolicy: "Disabled" }, 10, 1, 10, "ScaleDownLimit"],
    ["minReplicas first", {}, 10, 0, 1, "TooFewReplicas"],
  ])("scaling down: %s", (_, down, current, desired, replicas, reason) => {
    const more = { behavior: behavior({}, down) };
    const normalized = normalizeReplicas(input(current, desired, more), history());
    expect(normalized).toMatchObject({ replicas, isLimited: true, limit: { reason } });
  });

  test("a policy counts what its period has seen, in both directions", () => {
    const up = { policies: [policy("Pods", 4, 60)] };
    const more = { behavior: behavior(up) };
    const past = { ...history(), scaleUps: [at(2, 930), at(3, 950)], scaleDowns: [at(1, 990)] };
    // 60 s ago there were 10 - 3 + 1 = 8.
    expect(normalizeReplicas(input(10, 99, more), past).replicas).toBe(12);
    const busy = { ...history(), scaleUps: [at(9, 950)] };
    expect(normalizeReplicas(input(10, 99, more), busy).replicas).toBe(10);
  });

  test("scaling up waits for its window too", () => {
    const more = { behavior: behavior({ stabilizationWindowSeconds: 60 }) };
    const past = { ...history(), recommendations: [at(5, 950), at(12, 970)] };
    const normalized = normalizeReplicas(input(10, 15, more), past);
    expect(normalized.replicas).toBe(10); // 5 was recommended within the window: not above 10
    expect(normalized.stabilization.reason).toBe("ScaleUpStabilized");
  });

  test("scaling down without a window of its own takes the controller's", () => {
    const down = { ...behavior().scaleDown };
    delete down.stabilizationWindowSeconds;
    const more = { behavior: { scaleUp: behavior().scaleUp, scaleDown: down } as Behavior };
    const past = () => ({ ...history(), recommendations: [at(8, 701)] });
    expect(normalizeReplicas(input(10, 3, more), past()).replicas).toBe(8);
    const short = { ...more, downscaleStabilizationUs: SECOND };
    expect(normalizeReplicas(input(10, 3, short), past()).replicas).toBe(3);
  });
});

describe("any sequence of recommendations", () => {
  const rules = fc.record({
    stabilizationWindowSeconds: fc.integer({ min: 0, max: 120 }),
    selectPolicy: fc.constantFrom("Max", "Min", "Disabled"),
    policies: fc.array(
      fc.record({
        type: fc.constantFrom("Pods", "Percent"),
        value: fc.integer({ min: 1, max: 100 }),
        periodSeconds: fc.integer({ min: 1, max: 120 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });

  test("stays within the bounds and within the rates of every period", () => {
    const sequence = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });
    fc.assert(
      fc.property(rules, rules, sequence, (scaleUp, scaleDown, wishes) => {
        const past = history();
        const bounds = { minReplicas: 3, maxReplicas: 40 };
        /** Replicas by time, each 15 s. */
        const seen = [10];
        wishes.forEach((desired, i) => {
          const nowUs = (i + 1) * 15 * SECOND;
          const current = seen.at(-1) ?? 0;
          const rule = { scaleUp, scaleDown };
          const more = { ...bounds, behavior: rule, nowUs };
          const { replicas } = normalizeReplicas(input(current, desired, more), past);
          storeScaleEvent(past, rule, current, replicas, nowUs);
          expect(replicas).toBeGreaterThanOrEqual(bounds.minReplicas);
          expect(replicas).toBeLessThanOrEqual(bounds.maxReplicas);
          if (replicas > current) expect(scaleUp.selectPolicy).not.toBe("Disabled");
          if (replicas < current) expect(scaleDown.selectPolicy).not.toBe("Disabled");
          const allowed = scaleUp.policies.map(({ type, value, periodSeconds }) => {
            // Decisions at exactly the period's begin are over.
            const begin = seen[Math.max(0, i + 1 - Math.ceil(periodSeconds / 15))] ?? 0;
            return type === "Pods" ? begin + value : Math.ceil(begin * (1 + value / 100));
          });
          const pick = scaleUp.selectPolicy === "Min" ? Math.min : Math.max;
          if (replicas > current) expect(replicas).toBeLessThanOrEqual(pick(...allowed));
          seen.push(replicas);
        });
      }),
      { seed: 30, numRuns: 300 },
    );
  });
});
