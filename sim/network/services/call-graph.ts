/**
 * The graph of calls among services: whether a request's tree of calls ends.
 *
 * A tree of calls is a branching process of several types (T. E. Harris, "The Theory of Branching
 * Processes", chapter II): its expected size is finite exactly if the largest eigenvalue of the
 * matrix "expected calls from service i to service j" is below 1. For one cycle alone that is the
 * product of the numbers along it.
 */
import { InputError } from "../../kernel/index.ts";
import type { ServiceModelSettings } from "./service-model.ts";
import { splitTarget } from "./target-name.ts";

type Models = Readonly<Record<string, ServiceModelSettings>>;

/** Rows of expected calls: `calls[i].get(j)`, j being the number of the service called. */
interface CallGraph {
  readonly names: readonly string[];
  readonly calls: readonly ReadonlyMap<number, number>[];
}

/** Rounding leaves a product of exactly 1 this far below it. */
const SLACK = 1e-9;
const ROUNDS_MAX = 20_000;

/** Throws InputError, naming the cycle, when a request is expected to make calls without end. */
export function refuseEndlessCalls(models: Models): void {
  const graph = graphOf(models);
  for (const group of cyclicGroups(graph)) {
    const { growth, weights } = growthOf(graph, group);
    if (growth < 1 - SLACK) continue;
    const cycle = heaviestCycle(graph, group, weights);
    const path = [...cycle, cycle[0] ?? 0].map((node) => graph.names[node]).join(" -> ");
    throw new InputError(
      `services: calls that never end: ${path}. Each round of it makes ${shown(growth)}, want fewer. ` +
        "Lower a probability or times, or raise cacheHits, along it.",
    );
  }
}

/** Services that may come to be called again by what they call. */
export function cyclicServices(models: Models): ReadonlySet<string> {
  const graph = graphOf(models);
  return new Set(cyclicGroups(graph).flatMap((group) => group.map((i) => graph.names[i] ?? "")));
}

function graphOf(models: Models): CallGraph {
  const names = Object.keys(models).sort();
  const numbers = new Map(names.map((name, i) => [name, i]));
  const calls = names.map((name) => {
    const row = new Map<number, number>();
    for (const { to, probability, times, cacheHits } of models[name]?.calls.flat() ?? []) {
      const callee = numbers.get(splitTarget(to)?.service ?? "");
      const expected = probability * times * (1 - cacheHits);
      if (callee !== undefined && expected > 0) row.set(callee, (row.get(callee) ?? 0) + expected);
    }
    return row;
  });
  return { names, calls };
}

/** Groups of services that call each other in a circle (strong components that have an edge). */
function cyclicGroups({ calls }: CallGraph): number[][] {
  const reached = calls.map((_, i) => reachableFrom(calls, i));
  const groups: number[][] = [];
  const seen = new Set<number>();
  for (let i = 0; i < calls.length; i++) {
    if (seen.has(i) || reached[i]?.has(i) !== true) continue;
    const group = calls.flatMap((_, j) =>
      reached[i]?.has(j) === true && reached[j]?.has(i) === true ? [j] : [],
    );
    for (const member of group) seen.add(member);
    groups.push(group);
  }
  return groups;
}

/** What can be reached by one call or more. */
function reachableFrom(calls: CallGraph["calls"], start: number): Set<number> {
  const reached = new Set<number>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of calls[node]?.keys() ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}

/**
 * The largest eigenvalue of the group's matrix, from below, and its vector: power iteration of the
 * matrix plus one, which converges for cycles too, until the bounds of Collatz and Wielandt meet.
 */
function growthOf(
  { calls }: CallGraph,
  group: readonly number[],
): { growth: number; weights: ReadonlyMap<number, number> } {
  let weights = new Map(group.map((node) => [node, 1]));
  for (let round = 0; ; round++) {
    let low = Number.POSITIVE_INFINITY;
    let high = 0;
    let largest = 0;
    const next = new Map<number, number>();
    for (const node of group) {
      const own = weights.get(node) ?? 0;
      let sum = own;
      for (const [callee, expected] of calls[node] ?? [])
        sum += expected * (weights.get(callee) ?? 0);
      low = Math.min(low, sum / own);
      high = Math.max(high, sum / own);
      largest = Math.max(largest, sum);
      next.set(node, sum);
    }
    for (const node of group) next.set(node, (next.get(node) ?? 0) / largest);
    weights = next;
    if (high - low < SLACK / 10 || round === ROUNDS_MAX) return { growth: low - 1, weights };
  }
}

/** From each service on to the callee that makes most of the calls to come, until one repeats. */
function heaviestCycle(
  { calls }: CallGraph,
  group: readonly number[],
  weights: ReadonlyMap<number, number>,
): number[] {
  const path: number[] = [];
  let node = group[0] ?? 0;
  while (!path.includes(node)) {
    path.push(node);
    let most = -1;
    let heaviest = node;
    for (const [callee, expected] of calls[node] ?? []) {
      const weight = expected * (weights.get(callee) ?? 0);
      if (weight <= most) continue;
      most = weight;
      heaviest = callee;
    }
    node = heaviest;
  }
  return path.slice(path.indexOf(node));
}

/** How many calls a round makes of those before it, in words; three digits are enough for a message. */
function shown(growth: number): string {
  const rounded = Math.round(growth * 1_000) / 1_000;
  return rounded === 1 ? "as many calls as the one before" : `${rounded} times as many calls`;
}
