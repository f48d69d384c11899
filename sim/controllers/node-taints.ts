/**
 * The taints that stand for a node's conditions, and what they should be. Pure.
 *
 * Source: pkg/controller/nodelifecycle/node_lifecycle_controller.go of v1.30
 * (nodeConditionToTaintKeyStatusMap, UnreachableTaintTemplate, NotReadyTaintTemplate).
 */
import { type Node, type Taint, timestamp } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

export const NOT_READY = "node.kubernetes.io/not-ready";
export const UNREACHABLE = "node.kubernetes.io/unreachable";
export const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

/** Taint of a node whose condition has the status. */
const TAINT_OF_CONDITION: ReadonlyMap<string, string> = new Map([
  ["Ready=False", NOT_READY],
  ["Ready=Unknown", UNREACHABLE],
  ["MemoryPressure=True", "node.kubernetes.io/memory-pressure"],
  ["DiskPressure=True", "node.kubernetes.io/disk-pressure"],
  ["NetworkUnavailable=True", "node.kubernetes.io/network-unavailable"],
  ["PIDPressure=True", "node.kubernetes.io/pid-pressure"],
]);

const CONDITION_KEYS: ReadonlySet<string> = new Set([
  ...TAINT_OF_CONDITION.values(),
  UNSCHEDULABLE,
]);

/** The NoExecute taint of the two that the node has; "": none. */
export function noExecuteKey({ spec }: Node): string {
  for (const { key, effect } of spec.taints ?? []) {
    if (effect === "NoExecute" && (key === NOT_READY || key === UNREACHABLE)) return key;
  }
  return "";
}

/**
 * The node's taints as they should be: NoSchedule by its conditions, NoExecute with the key that
 * is given ("": none), others as they are. `undefined`: they are so already.
 */
export function wantedTaints(
  { spec, status }: Node,
  noExecute: string,
  nowUs: Micros,
): Taint[] | undefined {
  const wanted = new Set<string>();
  for (const { type, status: is } of status.conditions ?? []) {
    const key = TAINT_OF_CONDITION.get(`${type}=${is}`);
    if (key !== undefined) wanted.add(`${key}:NoSchedule`);
  }
  if (spec.unschedulable === true) wanted.add(`${UNSCHEDULABLE}:NoSchedule`);
  if (noExecute !== "") wanted.add(`${noExecute}:NoExecute`);
  const taints = (spec.taints ?? []).filter((taint) => {
    if (!isManaged(taint)) return true;
    return wanted.delete(`${taint.key}:${taint.effect}`);
  });
  if (wanted.size === 0 && taints.length === (spec.taints ?? []).length) return undefined;
  for (const text of wanted) {
    const [key = "", effect = ""] = text.split(":");
    taints.push({ key, effect, timeAdded: timestamp(nowUs) });
  }
  return taints;
}

function isManaged({ key, effect }: Taint): boolean {
  if (effect === "NoSchedule") return CONDITION_KEYS.has(key);
  return effect === "NoExecute" && (key === NOT_READY || key === UNREACHABLE);
}
