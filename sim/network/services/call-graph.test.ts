import { describe, expect, test } from "vitest";
import { cyclicServices, refuseEndlessCalls } from "./call-graph.ts";
import { defaultClient } from "./client-policy.ts";
import type { ServiceCallSettings, ServiceModelSettings } from "./service-model.ts";

const call = (to: string, change: Partial<ServiceCallSettings> = {}): ServiceCallSettings => ({
  to: `d/${to}`,
  probability: 1,
  times: 1,
  cacheHits: 0,
  isOptional: false,
  client: defaultClient,
  ...change,
});

function models(
  graph: Record<string, readonly ServiceCallSettings[]>,
): Record<string, ServiceModelSettings> {
  const plain = { serviceTime: "1ms", concurrency: 1, queueLimit: -1, cpu: 0, errors: 0 };
  return Object.fromEntries(
    Object.entries(graph).map(([name, calls]) => [`d/${name}`, { ...plain, calls: [calls] }]),
  );
}

describe("refuseEndlessCalls", () => {
  const half = { probability: 0.5 };
  test.each<[string, Record<string, readonly ServiceCallSettings[]>]>([
    ["a chain", { a: [call("b", { times: 9 })], b: [call("c")], c: [] }],
    ["a diamond", { a: [call("b"), call("c")], b: [call("d")], c: [call("d")], d: [] }],
    ["a cycle that dies out", { a: [call("b")], b: [call("a", { probability: 0.9 })] }],
    ["a cycle with a cache", { a: [call("a", { times: 2, cacheHits: 0.6 })] }],
    ["a call that is never made", { a: [call("a", { probability: 0 })] }],
    ["nothing", {}],
  ])("takes %s", (_case, graph) => {
    expect(() => refuseEndlessCalls(models(graph))).not.toThrow();
  });

  test.each<[string, Record<string, readonly ServiceCallSettings[]>, string]>([
    [
      "itself",
      { a: [call("a")] },
      "calls that never end: d/a -> d/a. Each round of it makes as many calls as the one before, want fewer",
    ],
    [
      "a cycle of three",
      { x: [call("a")], a: [call("b", { times: 3 })], b: [call("c", half)], c: [call("a")] },
      "d/a -> d/b -> d/c -> d/a. Each round",
    ],
    [
      "two cycles that are too much together",
      {
        a: [call("b", { probability: 0.6 }), call("c", { probability: 0.6 })],
        b: [call("a")],
        c: [call("a")],
      },
      "never end: d/a -> d/",
    ],
    ["two calls of one half", { a: [call("a", half), call("a", half)] }, "d/a -> d/a"],
  ])("refuses %s, naming the cycle", (_case, graph, message) => {
    expect(() => refuseEndlessCalls(models(graph))).toThrow(message);
  });

  test("cyclicServices are those that can be called again by what they call", () => {
    const graph = { a: [call("b")], b: [call("c", { probability: 0.1 })], c: [call("b")], e: [] };
    expect([...cyclicServices(models(graph))]).toEqual(["d/b", "d/c"]);
  });
});
