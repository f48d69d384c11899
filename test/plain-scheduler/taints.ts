/** Taints and tolerations: component-helpers' scheduling/corev1/helpers.go. */
import type { core, Node, Pod } from "./scenario.ts";

/** Toleration.ToleratesTaint, in api/core/v1/toleration.go */
export function tolerates(
  { effect, key, operator, value }: core.Toleration,
  taint: core.Taint,
): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator || "Equal") {
    case "Equal":
      return (value ?? "") === (taint.value ?? "");
    case "Exists":
      return true;
    default:
      return false;
  }
}

/** FindMatchingUntoleratedTaint: the first taint of an effect that keeps pods away. */
export const untoleratedTaint = (node: Node, pod: Pod): core.Taint | undefined =>
  (node.spec.taints ?? []).find(
    (taint) =>
      (taint.effect === "NoSchedule" || taint.effect === "NoExecute") &&
      !(pod.spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint)),
  );

/** countIntolerableTaintsPreferNoSchedule, in plugins/tainttoleration/taint_toleration.go */
export function intolerableSoftTaints(node: Node, pod: Pod): number {
  const tolerations = (pod.spec.tolerations ?? []).filter(
    ({ effect }) => !effect || effect === "PreferNoSchedule",
  );
  return (node.spec.taints ?? []).filter(
    (taint) =>
      taint.effect === "PreferNoSchedule" &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  ).length;
}
