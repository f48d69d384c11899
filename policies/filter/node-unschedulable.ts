/**
 * NodeUnschedulable rejects cordoned nodes (`spec.unschedulable`), unless the pod tolerates the
 * taint node.kubernetes.io/unschedulable:NoSchedule.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/nodeunschedulable, v1.30.
 */
import { findUntoleratedTaint, type Node, type Taint } from "../../sim/api/index.ts";
import { type AnyPlugin, definePlugin, type Rejection } from "../../sim/scheduler/index.ts";
import { NODE_ADDED_OR_UPDATED } from "../cluster-events.ts";

const CORDONED: readonly Taint[] = [
  { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" },
];

const UNSCHEDULABLE: Rejection = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["node(s) were unschedulable"],
};

export function nodeUnschedulable(): AnyPlugin {
  return definePlugin({
    name: "NodeUnschedulable",
    locality: "spec",
    reads: ["tolerations"],
    requeueOn: NODE_ADDED_OR_UPDATED,
    isSchedulableAfter: (_pod, { newObject }) => !((newObject as Node).spec.unschedulable ?? false),
    filter({ pod }, node) {
      if (!node.unschedulable) return undefined;
      const untolerated = findUntoleratedTaint(CORDONED, pod.spec.tolerations, ["NoSchedule"]);
      return untolerated === undefined ? undefined : UNSCHEDULABLE;
    },
  });
}
