/**
 * PrioritySort orders the active queue: higher priority first, then earlier time of addition.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/queuesort/priority_sort.go, v1.30. Ties are
 * broken by the framework (running number); the real one leaves them to its heap.
 */
import { type AnyPlugin, definePlugin } from "../../sim/scheduler/index.ts";

export function prioritySort(): AnyPlugin {
  return definePlugin({
    name: "PrioritySort",
    locality: "spec",
    reads: ["priority"],
    requeueOn: [], // it never rejects
    compare: (a, b) => b.info.priority - a.info.priority || a.timestampUs - b.timestampUs,
  });
}
