/**
 * The order of arrivals of the published study: the tasks shuffled, then drawn again until they ask
 * for a given share of the cluster's GPUs.
 *
 * Source: Weng et al., USENIX ATC 2023, and the behaviour of its reference simulator
 * (hkust-adsl/kubernetes-scheduler-simulator). The reference draws from Go's generator, so equal
 * seeds give other orders there; the rule is the same.
 */
import type { UniformSource } from "../../sim/kernel/index.ts";

/** What a task asks for: `gpuCount` times `gpuMilli`. */
export interface GpuDemand {
  readonly gpuCount: number;
  readonly gpuMilli: number;
}

export interface InflationTarget {
  /** Share of the capacity that the arrivals ask for in all, e.g. 1.3; `as-is`: each task once. */
  readonly load: number | "as-is";
  /** Milli-GPU of all nodes. */
  readonly capacityMilli: number;
}

/** True when drawing tasks again and again reaches the target: some task asks for GPUs. */
export function canReach(tasks: readonly GpuDemand[], target: InflationTarget): boolean {
  return target.load === "as-is" || (target.capacityMilli > 0 && tasks.some((t) => t.gpuCount > 0));
}

/**
 * Indexes into `tasks` (sorted by name, so that the order of the file does not matter), in order of
 * arrival. All are shuffled. Below the target, more are drawn uniformly with replacement, up to and
 * without the first draw whose share *of one GPU* would exceed the target, so that the last
 * accepted task may overshoot it by all but one of its GPUs. Above it, uniformly random tasks are
 * left out until the rest fits. Needs `canReach`.
 */
export function* arrivalOrder(
  tasks: readonly GpuDemand[],
  target: InflationTarget,
  source: UniformSource,
): Generator<number> {
  const order = shuffled(tasks.length, source);
  if (target.load === "as-is") {
    yield* order;
    return;
  }
  const targetMilli = target.load * target.capacityMilli;
  let totalMilli = 0;
  for (const task of tasks) totalMilli += task.gpuCount * task.gpuMilli;
  while (totalMilli > targetMilli) {
    const [left = 0] = order.splice(below(order.length, source), 1);
    totalMilli -= demandMilli(tasks, left);
  }
  const isBelow = order.length === tasks.length;
  yield* order;
  while (isBelow) {
    const drawn = below(tasks.length, source);
    if (totalMilli + (tasks[drawn]?.gpuMilli ?? 0) > targetMilli) return;
    totalMilli += demandMilli(tasks, drawn);
    yield drawn;
  }
}

/** 0..count-1 in a uniformly random order (Fisher-Yates). */
function shuffled(count: number, source: UniformSource): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1, source);
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}

const below = (count: number, source: UniformSource): number => Math.floor(source.next() * count);

function demandMilli(tasks: readonly GpuDemand[], index: number): number {
  const task = tasks[index];
  return task === undefined ? 0 : task.gpuCount * task.gpuMilli;
}
