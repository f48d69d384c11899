import { describe, expect, test } from "vitest";
import { makePod } from "../test/builders.ts";
import { FactScript } from "../test/fact-script.ts";
import { PodJourneys } from "./pod-journeys.ts";
import { PodsRecorder, podColumns } from "./pods-recorder.ts";
import type { Row } from "./row.ts";

function record(tell: (script: FactScript) => void): Record<string, unknown>[] {
  const rows: Row[] = [];
  const script = new FactScript();
  const journeys = new PodJourneys();
  journeys.attach(script.trace);
  new PodsRecorder((row) => rows.push(row)).attach(journeys);
  tell(script);
  journeys.finish();
  return rows.map((row) => Object.fromEntries(podColumns.map((name, i) => [name, row[i]])));
}

const one = (tell: (script: FactScript) => void) => record(tell)[0] ?? {};

describe("PodsRecorder", () => {
  test("writes every moment of a pod's life", () => {
    const pod = makePod("web-1").ownedBy("ReplicaSet", "web").priority(7).cpu("500m").memory("1Mi");
    const row = one((script) =>
      script
        .created(pod.request("x.io/gpu", "3").request("a.io/b", "1").build(), 1_000_000)
        .queued("web-1", 1_002_000)
        .attempted("web-1", 1, [1_002_000, 1_002_000, 1_010_000, 1_011_000], { message: "full" })
        .attempted("web-1", 2, [1_002_000, 2_000_000, 2_010_000, 2_011_000], { node: "n1" })
        .bound("web-1", "n1", 2_015_000)
        .bindingAnswered("web-1", "n1", 2_011_000, 2_016_000)
        .observed("web-1", "n1", 2_020_000)
        .pulled("web-1", "n1", [2_021_000, 2_500_000, 3_000_000])
        .pulled("web-1", "n1", [3_000_000, 3_100_000, 3_200_000])
        .started("web-1", "n1", 4_000_000)
        .reported("web-1", "Running", 4_010_000)
        .delivered("web-1", 4_013_000)
        .delivered("web-1", 4_020_000)
        .finished("web-1", 9_000_000, "Succeeded", "Completed")
        .reported("web-1", "Succeeded", 9_010_000)
        .deleted("web-1", 10_000_000),
    );
    expect(row).toEqual({
      namespace: "default",
      pod: "web-1",
      owner_kind: "ReplicaSet",
      owner: "web",
      priority: 7,
      cpu_request_milli: 500,
      memory_request_bytes: 1_048_576,
      other_requests: "a.io/b=1;x.io/gpu=3",
      node: "n1",
      phase: "Succeeded",
      attempts: 2,
      created_s: "1.000000",
      queued_s: "1.002000",
      first_attempt_s: "1.010000",
      last_attempt_start_s: "2.010000",
      last_attempt_end_s: "2.011000",
      bound_s: "2.015000",
      observed_s: "2.020000",
      image_pull_queued_s: "2.021000",
      image_pull_start_s: "2.500000",
      image_pull_end_s: "3.200000",
      started_s: "4.000000",
      start_observed_s: "4.013000",
      finished_s: "9.000000",
      deleted_s: "10.000000",
      reason: "",
    });
  });

  const pod = makePod("p").build();
  const failed = { message: "0/1 nodes are available: 1 Insufficient cpu." };
  const times = [1, 1, 2, 3] as const;
  test.each<[string, string, (script: FactScript) => void]>([
    ["the scheduler's message", failed.message, (s) => s.attempted("p", 1, times, failed)],
    [
      "the scheduler's message also when it was deleted",
      failed.message,
      (s) => s.attempted("p", 1, times, failed).deleted("p", 9),
    ],
    [
      "not seen by the scheduler",
      "pending at the end of the run: it never entered the active queue of default-scheduler",
      () => {},
    ],
    ["not tried", "pending at the end of the run: not attempted yet", (s) => s.queued("p", 1)],
    ["deleted while pending", "deleted before it was bound", (s) => s.deleted("p", 1)],
    [
      "a failed binding",
      "binding to node n1 failed",
      (s) => s.attempted("p", 1, times, { node: "n1" }).bindingAnswered("p", "n1", 3, 5, false),
    ],
    [
      "a binding on its way",
      "not bound at the end of the run",
      (s) => s.attempted("p", 1, times, { node: "n1" }),
    ],
    ["not started yet", "not started at the end of the run", (s) => s.bound("p", "n1", 5)],
    [
      "deleted on its node",
      "deleted before it started",
      (s) => s.bound("p", "n1", 5).deleted("p", 8),
    ],
    [
      "failed on its node",
      "OOMKilled",
      (s) => s.bound("p", "n1", 5).started("p", "n1", 6).finished("p", 9, "Failed", "OOMKilled"),
    ],
    [
      "preempted while it ran, whatever its containers said",
      "PreemptionByScheduler",
      (s) =>
        s
          .bound("p", "n1", 5)
          .started("p", "n1", 6)
          .preempted("p", 7)
          .finished("p", 9, "Failed", "Error")
          .deleted("p", 10),
    ],
    [
      "preempted before it started",
      "PreemptionByScheduler",
      (s) => s.bound("p", "n1", 5).preempted("p", 7).deleted("p", 10),
    ],
    ["ran", "", (s) => s.bound("p", "n1", 5).started("p", "n1", 6)],
  ])("gives the reason: %s", (_, reason, tell) => {
    expect(one((script) => tell(script.created(pod, 0)))["reason"]).toBe(reason);
  });

  test("names scheduling gates as the reason", () => {
    const row = one((script) => script.created(makePod("p").gate("wait").build(), 0));
    expect(row["reason"]).toBe("pending at the end of the run: it has scheduling gates");
  });

  test("names the scheduler that never took it up", () => {
    const row = one((script) => script.created(makePod("p").schedulerName("ghost").build(), 0));
    expect(row["reason"]).toMatch(/it never entered the active queue of ghost$/);
  });

  test("hands over rows at deletion, then the rest in order of creation", () => {
    const rows = record((script) => {
      for (const name of ["c", "a", "b"]) script.created(makePod(name).build(), 0);
      script.deleted("a", 1);
    });
    expect(rows.map((row) => row["pod"])).toEqual(["a", "c", "b"]);
  });

  test("a pod made again under the same name is another row", () => {
    const rows = record((script) =>
      script.created(pod, 0).bound("p", "n1", 1).deleted("p", 2).created(pod, 3),
    );
    expect(rows.map((row) => [row["created_s"], row["bound_s"]])).toEqual([
      ["0.000000", "0.000001"],
      ["0.000003", ""],
    ]);
  });

  test("facts about a pod that was never seen created, or is gone, are left aside", () => {
    const rows = record((script) => {
      script.started("ghost", "n1", 1).queued("ghost", 1).observed("ghost", "n1", 1);
      script.created(pod, 1).deleted("p", 2).finished("p", 3, "Failed", "late");
    });
    expect(rows).toHaveLength(1);
  });

  test("the start is observed at its report where no delivery names it", () => {
    const row = one((script) =>
      script.created(pod, 0).bound("p", "n1", 1).started("p", "n1", 2).reported("p", "Running", 5),
    );
    expect(row["start_observed_s"]).toBe("0.000005");
  });

  test("deliveries of changes before the start do not count as observing it", () => {
    const row = one((script) => {
      script.created(pod, 0).created(makePod("q").build(), 0).bound("p", "n1", 1);
      script.delivered("p", 2).started("p", "n1", 3).reported("p", "Running", 5);
      script.delivered("q", 6).delivered("p", 6, 4, 3).delivered("p", 7);
    });
    expect(row["start_observed_s"]).toBe("0.000007");
  });
});
