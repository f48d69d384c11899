/** The queue against what kube-scheduler v1.30.6 did: every row of the recorded tables. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { makePodInfo, makeProfile, makeStillQueue } from "../../../test/queue-fixture.ts";
import { backoffUs } from "./backoff.ts";
import type { QueuedPodInfo, QueuePlace } from "./queued-pod-info.ts";
import type { SchedulingQueue } from "./scheduling-queue.ts";

function readTable<Row>(name: string): readonly Row[] {
  const url = new URL(`../../../test/reference/tables/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Row[];
}

interface OrderRow {
  readonly pods: readonly { pod: string; priority: number | null; addedAtMs: number }[];
  readonly popOrder: readonly string[];
}

describe("the active queue gives pods out as recorded", () => {
  const rows = readTable<OrderRow>("active-queue-order");
  test("the table has rows", () => expect(rows.length).toBeGreaterThan(10));

  for (const [index, row] of rows.entries()) {
    test(`row ${index}`, () => {
      const { clock, queue } = makeStillQueue([makeProfile("default-scheduler", [])]);
      for (const { pod, priority, addedAtMs } of row.pods) {
        clock.nowUs = addedAtMs * 1000;
        queue.add(makePodInfo(pod, priority === null ? {} : { priority }));
      }
      expect(row.pods.map(() => queue.pop()?.info.name)).toEqual(row.popOrder);
      expect(queue.pop()).toBeUndefined();
    });
  }
});

interface BackoffRow {
  readonly attempts: number;
  readonly initialSeconds: number;
  readonly maxSeconds: number;
  readonly backoffMilliseconds: number;
}

describe("back-off is as recorded", () => {
  test.each(readTable<BackoffRow>("backoff"))(
    "$attempts attempts, $initialSeconds s to $maxSeconds s",
    ({ attempts, initialSeconds, maxSeconds, backoffMilliseconds }) => {
      expect(backoffUs(attempts, initialSeconds * 1e6, maxSeconds * 1e6)).toBe(
        backoffMilliseconds * 1000,
      );
    },
  );
});

interface Step {
  readonly op: string;
  readonly atMs: number;
  readonly pod?: string;
  readonly priority?: number;
  readonly gated?: boolean;
  readonly attempts?: number;
  readonly resource?: string;
  readonly actionType?: number;
  readonly unschedulablePlugins?: readonly string[];
  readonly active: readonly string[];
  readonly backoff: readonly string[];
  readonly unschedulable: readonly string[];
}

interface Registration {
  readonly resource: string;
  readonly actionType: number;
  readonly plugins: readonly string[];
}

describe("the queue goes through the recorded operations", () => {
  const traces = readTable<{ name: string; steps: readonly Step[] }>("queue-traces");
  test("there are traces", () => expect(traces.length).toBe(20));

  test.each(traces)("$name", ({ steps }) => {
    const { clock, queue } = makeStillQueue([makeProfile("default-scheduler", [])]);
    for (const { resource, actionType, plugins } of readTable<Registration>("event-registrations"))
      for (const plugin of plugins)
        queue.registrations.register("default-scheduler", plugin, [{ resource, actionType }]);
    const inFlight = new Map<string, { pod: QueuedPodInfo; cycle: number }>();
    for (const [index, step] of steps.entries()) {
      clock.nowUs = step.atMs * 1000;
      replay(queue, step, inFlight);
      expect(
        {
          active: namesIn(queue, "activeQ"),
          backoff: namesIn(queue, "backoffQ"),
          unschedulable: namesIn(queue, "unschedulablePods"),
        },
        `step ${index}: ${step.op}`,
      ).toEqual({
        active: step.active,
        backoff: step.backoff,
        unschedulable: step.unschedulable,
      });
    }
  });
});

function namesIn(queue: SchedulingQueue, place: QueuePlace): string[] {
  const pods = [...queue.state.pods.values()].filter((pod) => pod.place === place);
  return pods.map((pod) => pod.info.name).sort();
}

function replay(
  queue: SchedulingQueue,
  step: Step,
  inFlight: Map<string, { pod: QueuedPodInfo; cycle: number }>,
): void {
  const name = step.pod ?? "";
  switch (step.op) {
    case "add":
      queue.add(makePodInfo(name, { priority: step.priority ?? 0, gated: step.gated ?? false }));
      break;
    case "pop": {
      const pod = queue.pop();
      expect([pod?.info.name, pod?.attempts]).toEqual([name, step.attempts]);
      if (pod !== undefined) inFlight.set(name, { pod, cycle: queue.schedulingCycle });
      break;
    }
    case "fail": {
      const { pod, cycle } = inFlight.get(name) ?? expect.fail(`${name} is not in flight`);
      pod.rejectorPlugins = [...(step.unschedulablePlugins ?? [])].sort();
      inFlight.delete(name);
      expect(queue.addUnschedulableIfNotPresent(pod, cycle)).toBe(true);
      break;
    }
    case "scheduled":
      inFlight.delete(name);
      break;
    case "event":
      queue.moveAllToActiveOrBackoffQueue({
        resource: step.resource ?? "",
        actionType: step.actionType ?? 0,
      });
      break;
    case "flushBackoffCompleted":
      queue.flushBackoffQCompleted();
      break;
    case "flushUnschedulableLeftover":
      queue.flushUnschedulablePodsLeftover();
      break;
    default:
      expect.fail(`operation ${step.op} is not known`);
  }
}
