/**
 * NodeName accepts only the node that the pod asks for by `spec.nodeName`.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/nodename, v1.30.
 */
import { type AnyPlugin, definePlugin, type Rejection, SKIP } from "../../sim/scheduler/index.ts";
import { NODE_ADDED_OR_UPDATED } from "../cluster-events.ts";

const OTHER_NODE: Rejection = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["node(s) didn't match the requested node name"],
};

export function nodeName(): AnyPlugin {
  return definePlugin({
    name: "NodeName",
    locality: "spec",
    reads: ["nodeName"],
    requeueOn: NODE_ADDED_OR_UPDATED,
    preFilter: ({ pod }) => ((pod.spec.nodeName ?? "") === "" ? SKIP : { state: undefined }),
    filter: ({ pod }, node) => (pod.spec.nodeName === node.name ? undefined : OTHER_NODE),
  });
}
