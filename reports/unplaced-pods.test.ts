import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../test/builders.ts";
import { FactScript } from "../test/fact-script.ts";
import { RunRecorder } from "./run-recorder.ts";
import type { RunSummary } from "./summary.ts";
import { unplacedLines } from "./unplaced-lines.ts";

const node = makeNode("n1").cpu("4").memory("8Gi").build();
const full = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available.";

function record(tell: (script: FactScript) => void, policy = "default", seed = "1"): RunSummary {
  const labels = { policy, workload: "hand-made", seed };
  const options = { labels, resources: ["cpu"], utilizationIntervalUs: 1_000_000, sinks: {} };
  const recorder = new RunRecorder(options);
  const script = new FactScript();
  recorder.attach(script.trace);
  tell(script.node("n1", node, 0));
  return recorder.finish({ endUs: 1_000_000, events: 1 });
}

const pod = (name: string, cpu: string) => makePod(name).cpu(cpu).build();
const crowd = (script: FactScript) => {
  script.created(pod("fits", "1"), 0).bound("fits", "n1", 0);
  for (const name of ["a", "b", "c"])
    script.created(pod(name, "1"), 0).attempted(name, 1, [0, 0, 1, 2], { message: full });
  script.created(pod("huge", "64"), 0).attempted("huge", 1, [0, 0, 1, 2], { message: full });
};

describe("pods that were never scheduled", () => {
  test("are none when all were", () => {
    const summary = record((s) => s.created(pod("fits", "1"), 0).bound("fits", "n1", 10));
    expect(summary.unplaced).toEqual([]);
    expect(unplacedLines([summary])).toEqual([]);
  });

  test.each([
    ["cpu", pod("p", "64"), "asks cpu 64, the largest node has 4: add a larger node or lower"],
    ["part of a cpu", pod("p", "4100m"), "asks cpu 4100m, the largest node has 4:"],
    [
      "memory",
      makePod("p").memory("9Gi").build(),
      "asks memory 9Gi, the largest node has 8Gi: add a larger node or lower the request",
    ],
    [
      "what no node has",
      makePod("p").request("x.io/gpu", "1").build(),
      "asks x.io/gpu 1, no node has any: add a node that has it or take out the request",
    ],
  ])("are told when they ask for too much %s", (_case, object, why) => {
    const { unplaced } = record((s) => s.created(object, 0));
    expect(unplaced).toMatchObject([{ pods: 1, first: "default/p", isTooLarge: true }]);
    expect(unplaced[0]?.why).toContain(why);
  });

  test("are as large as a node and no larger: the scheduler's words count", () => {
    const tell = (s: FactScript) =>
      s.created(pod("p", "4"), 0).attempted("p", 1, [0, 0, 1, 2], { message: full });
    expect(record(tell).unplaced).toMatchObject([{ why: full, isTooLarge: false }]);
  });

  test("are grouped by their reason, whatever its numbers", () => {
    const tell = (s: FactScript) => {
      crowd(s);
      const other = full.replaceAll("1", "2");
      s.created(pod("d", "1"), 0).attempted("d", 1, [0, 0, 1, 2], { message: other });
    };
    expect(record(tell).unplaced.map(({ pods, first }) => [pods, first])).toEqual([
      [4, "default/a"],
      [1, "default/huge"],
    ]);
  });

  test("have a line per reason under one policy, its seeds together", () => {
    const lines = unplacedLines([record(crowd), record(crowd, "default", "2")]);
    expect(lines).toEqual([
      "6 pods were never scheduled over 2 seeds, such as default/a: " +
        "0/1 nodes are available: 1 Insufficient cpu.",
      "2 pods were never scheduled over 2 seeds, such as default/huge: asks cpu 64, the largest node has 4: " +
        "add a larger node or lower the request.",
    ]);
  });

  test("have a line per policy, with the commonest reason, under several", () => {
    const one = (s: FactScript) => s.created(pod("huge", "64"), 0);
    expect(unplacedLines([record(crowd), record(one, "b"), record(() => {}, "c")])).toEqual([
      "default: 4 pods were never scheduled, 3 of them such as default/a: " +
        "0/1 nodes are available: 1 Insufficient cpu.",
      "b: 1 pod was never scheduled: default/huge: asks cpu 64, the largest node has 4: " +
        "add a larger node or lower the request.",
    ]);
  });
});
