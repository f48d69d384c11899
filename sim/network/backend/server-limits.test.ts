import { describe, expect, test } from "vitest";
import type { Pod } from "../../api/index.ts";
import { cpuLimitCores, cpuShares } from "./server-limits.ts";

type Amounts = Record<string, string>;

/** A pod of containers with these requests and limits. */
function pod(...containers: { requests?: Amounts; limits?: Amounts }[]): Pod {
  const named = containers.map((resources, i) => ({ name: `c${i}`, image: "app", resources }));
  return { spec: { containers: named } } as unknown as Pod;
}

describe("cpu.shares of a pod", () => {
  test.each([
    ["1,024 for a core", pod({ requests: { cpu: "1" } }), 1024],
    [
      "of all containers together",
      pod({ requests: { cpu: "250m" } }, { requests: { cpu: "2" } }),
      2304,
    ],
    ["2 without a request", pod({}), 2],
    ["2 at least", pod({ requests: { cpu: "1m" } }), 2],
    ["2 when nothing is known of the pod", undefined, 2],
  ])("%s", (_case, subject, shares) => expect(cpuShares(subject)).toBe(shares));
});

describe("CPU limit of a pod, in cores", () => {
  const half = { limits: { cpu: "500m" } };
  test.each([
    ["of its containers together", pod(half, half), 1],
    ["none, when a container has none", pod(half, {}), Number.POSITIVE_INFINITY],
    [
      "none, when only memory is limited",
      pod({ limits: { memory: "1Gi" } }),
      Number.POSITIVE_INFINITY,
    ],
    ["none, when nothing is known of the pod", undefined, Number.POSITIVE_INFINITY],
  ])("%s", (_case, subject, cores) => expect(cpuLimitCores(subject)).toBe(cores));
});
