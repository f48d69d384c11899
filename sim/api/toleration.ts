/**
 * Does a toleration tolerate a taint?
 *
 * Source: Toleration.ToleratesTaint in kubernetes/api/core/v1/toleration.go, v1.30.
 */
import type { Taint, Toleration } from "./objects.ts";

/** An empty effect or key of the toleration stands for all; an empty key needs `Exists`. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { effect = "", key = "", operator = "", value = "" } = toleration;
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return (operator === "" || operator === "Equal") && value === (taint.value ?? "");
}

/** The first taint, in list order, with one of the effects that no toleration covers. */
export function findUntoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  if (taints === undefined) return undefined;
  for (const taint of taints) {
    if (effects.includes(taint.effect) && !isTolerated(taint, tolerations)) return taint;
  }
  return undefined;
}

function isTolerated(taint: Taint, tolerations: readonly Toleration[] | undefined): boolean {
  if (tolerations === undefined) return false;
  for (const toleration of tolerations) if (tolerates(toleration, taint)) return true;
  return false;
}
