import { describe, expect, test } from "vitest";
import { KeyRecord, type Pod, type SchedulingAttemptFact } from "../sim/api/index.ts";
import { cycleCosts, type ExtensionPoint } from "./scheduling-costs.ts";

const nodeCosts = {
  schedulingPerNodeFilteredNs: 1_000,
  schedulingPerNodeScoredNs: 2_000,
  schedulingPerNodeDryRunNs: 10_000,
};
const everywhere = () => true;

/** A cycle of 1,000 us that scored 100 of 200 nodes: 200 us filtering, 200 us scoring, 600 us base. */
const scheduled: SchedulingAttemptFact = {
  record: new KeyRecord<Pod>(1, "Pod", "default", "p"),
  profile: "default-scheduler",
  attempt: 1,
  firstQueuedUs: 0,
  queuedUs: 0,
  startUs: 0,
  endUs: 1_000,
  result: "scheduled",
  node: "n1",
  evaluatedNodes: 200,
  feasibleNodes: 100,
  bestTotal: 1,
  bestCount: 1,
  message: "",
  victimCount: undefined,
  dryRunNodes: 0,
};

const failed = { result: "unschedulable", node: "", feasibleNodes: 0, message: "0/200" } as const;

const shareOf = (fact: SchedulingAttemptFact, has: (point: ExtensionPoint) => boolean) =>
  cycleCosts(fact, has, nodeCosts).map(
    ({ point, status, seconds, calls }) =>
      `${point} ${status} ${Math.round(seconds * 1e6)} us, ${calls}x`,
  );

describe("the time of a cycle", () => {
  test.each<[string, Partial<SchedulingAttemptFact>, string[]]>([
    [
      "goes to Filter and Score by nodes, and the base in equal parts to what runs once",
      {},
      [
        "PreFilter Success 150 us, 1x",
        "Filter Success 200 us, 200x",
        "PreScore Success 150 us, 1x",
        "Score Success 200 us, 100x",
        "Reserve Success 150 us, 1x",
        "Permit Success 150 us, 1x",
      ],
    ],
    [
      "has no Score when one node alone is feasible",
      { feasibleNodes: 1, endUs: 500 },
      [
        "PreFilter Success 100 us, 1x",
        "Filter Success 200 us, 200x",
        "Reserve Success 100 us, 1x",
        "Permit Success 100 us, 1x",
      ],
    ],
    [
      "goes to PostFilter by the nodes on which preemption was tried out",
      { ...failed, victimCount: 2, dryRunNodes: 20, endUs: 700 },
      [
        "PreFilter Success 150 us, 1x",
        "Filter Success 200 us, 200x",
        "PostFilter Success 350 us, 1x",
      ],
    ],
    [
      "has PostFilter as unschedulable where it preempted nobody",
      { ...failed, victimCount: 0, endUs: 500 },
      [
        "PreFilter Success 150 us, 1x",
        "Filter Success 200 us, 200x",
        "PostFilter Unschedulable 150 us, 1x",
      ],
    ],
    [
      "stops at PreFilter where it rejects the pod",
      { ...failed, evaluatedNodes: 0, endUs: 100 },
      ["PreFilter Unschedulable 100 us, 1x"],
    ],
    [
      "belongs to no extension point when there are no nodes",
      { ...failed, evaluatedNodes: 0, message: "no nodes available to schedule pods" },
      [],
    ],
  ])("%s", (_name, change, costs) => {
    expect(shareOf({ ...scheduled, ...change }, everywhere)).toEqual(costs);
  });

  test("leaves out extension points without plugins", () => {
    const has = (point: ExtensionPoint) => point === "Filter" || point === "Reserve";
    expect(shareOf(scheduled, has)).toEqual([
      "Filter Success 200 us, 200x",
      "Reserve Success 600 us, 1x",
    ]);
  });
});
