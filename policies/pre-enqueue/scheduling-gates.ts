/**
 * SchedulingGates keeps a pod out of the active queue while `spec.schedulingGates` is not empty.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/schedulinggates, v1.30 (KEP-3521). Removing
 * the last gate is an update of the pod itself, so no cluster event is registered for it.
 */
import { type AnyPlugin, definePlugin } from "../../sim/scheduler/index.ts";

export function schedulingGates(): AnyPlugin {
  return definePlugin({
    name: "SchedulingGates",
    locality: "spec",
    reads: ["schedulingGates"],
    requeueOn: [],
    preEnqueue({ pod }) {
      const gates = pod.spec.schedulingGates;
      if (gates === undefined || gates.length === 0) return undefined;
      const names = gates.map((gate) => gate.name).join(" ");
      return {
        code: "UnschedulableAndUnresolvable",
        reasons: [`waiting for scheduling gates: [${names}]`],
      };
    },
  });
}
