/** The load balancers that can be named in experiments. */
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import type { Balancer } from "../../sim/network/index.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round-robin.ts";

const balancers: ReadonlyMap<string, () => Balancer> = new Map([
  ["round-robin", roundRobin],
  ["random", random],
]);

/** Names of the built-in load balancers. */
export function balancerNames(): readonly string[] {
  return [...balancers.keys()];
}

/** The built-in load balancer called `name`. Throws InputError, with the nearest name, when unknown. */
export function balancerByName(name: string): Balancer {
  const make = balancers.get(name);
  if (make !== undefined) return make();
  const near = nearestName(name, balancerNames());
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new InputError(
    `There is no load balancer "${name}".${hint} Known: ${balancerNames().join(", ")}.`,
  );
}
