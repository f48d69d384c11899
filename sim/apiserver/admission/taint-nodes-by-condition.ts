/**
 * TaintNodesByCondition: a new node takes no pods before the node life cycle controller has seen it
 * ready. Source: plugin/pkg/admission/nodetaint/admission.go of v1.30, which taints every new node; one
 * that says of itself that it is ready is left alone here, since it is so from its first moment.
 */
import type { core } from "../../api/index.ts";
import type { AdmissionAttributes, AdmissionPlugin, Draft } from "./attributes.ts";

const KEY = "node.kubernetes.io/not-ready";
const EFFECT = "NoSchedule";

export class TaintNodesByCondition implements AdmissionPlugin {
  readonly name = "TaintNodesByCondition";
  readonly kinds = ["Node"];

  admit({ operation }: AdmissionAttributes, draft: Draft): boolean {
    if (operation !== "CREATE") return true;
    const { conditions = [] } = (draft["status"] ?? {}) as core.NodeStatus;
    if (conditions.some(({ type, status }) => type === "Ready" && status === "True")) return true;
    const spec = (draft.spec ?? {}) as core.NodeSpec;
    const { taints = [] } = spec;
    if (taints.some(({ key, effect }) => key === KEY && effect === EFFECT)) return true;
    draft.spec = { ...spec, taints: [...taints, { key: KEY, effect: EFFECT }] };
    return true;
  }
}
