/** The load balancers that can be named in experiments. */
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import type { Balancer } from "../../sim/network/index.ts";
import { destinationHash } from "./destination-hash.ts";
import { ewma } from "./ewma.ts";
import { leastConnection } from "./least-connection.ts";
import { leastOutstanding } from "./least-outstanding.ts";
import { maglev } from "./maglev.ts";
import { neverQueue } from "./never-queue.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { random } from "./random.ts";
import { ringHash } from "./ring-hash.ts";
import { roundRobin } from "./round-robin.ts";
import { shortestExpectedDelay } from "./shortest-expected-delay.ts";
import { sourceHash } from "./source-hash.ts";
import { weightedLeastConnection } from "./weighted-least-connection.ts";
import { weightedRoundRobin } from "./weighted-round-robin.ts";

interface BuiltIn {
  readonly make: () => Balancer;
  /** In a few words, for the command line's help. */
  readonly description: string;
}

const balancers: ReadonlyMap<string, BuiltIn> = new Map([
  ["round-robin", { make: roundRobin, description: "endpoints in turn, each proxy for itself" }],
  ["random", { make: random, description: "any endpoint, uniformly" }],
  [
    "weighted-round-robin",
    { make: weightedRoundRobin, description: "in turn, as often as their weights say" },
  ],
  [
    "least-connection",
    {
      make: leastConnection,
      description: "the fewest open connections, then the fewest that ended lately",
    },
  ],
  [
    "weighted-least-connection",
    { make: weightedLeastConnection, description: "the fewest open connections for its weight" },
  ],
  [
    "shortest-expected-delay",
    { make: shortestExpectedDelay, description: "the same with the new connection counted" },
  ],
  [
    "never-queue",
    { make: neverQueue, description: "an idle endpoint, else the shortest expected delay" },
  ],
  ["source-hash", { make: sourceHash, description: "by the client's address" }],
  ["destination-hash", { make: destinationHash, description: "by the Service's address" }],
  [
    "least-outstanding",
    { make: leastOutstanding, description: "the fewest requests on their way, equals by chance" },
  ],
  [
    "power-of-two",
    {
      make: powerOfTwo,
      description: "of two drawn at random the one with fewer requests on their way",
    },
  ],
  [
    "ring-hash",
    { make: ringHash, description: "consistent hashing of the request's key on a ring" },
  ],
  [
    "maglev",
    { make: maglev, description: "consistent hashing of the request's key by Maglev's table" },
  ],
  [
    "ewma",
    {
      make: ewma,
      description: "of two drawn at random the one with less latency times requests on their way",
    },
  ],
]);

/** The names that IPVS has for its schedulers. */
const ipvsNames: ReadonlyMap<string, string> = new Map([
  ["rr", "round-robin"],
  ["wrr", "weighted-round-robin"],
  ["lc", "least-connection"],
  ["wlc", "weighted-least-connection"],
  ["sed", "shortest-expected-delay"],
  ["nq", "never-queue"],
  ["sh", "source-hash"],
  ["dh", "destination-hash"],
]);

/** Names of the built-in load balancers. */
export function balancerNames(): readonly string[] {
  return [...balancers.keys()];
}

/** All built-in load balancers with a few words about each; short names of IPVS in brackets. */
export function describeBalancers(): { readonly name: string; readonly description: string }[] {
  const short = new Map([...ipvsNames].map(([abbreviation, name]) => [name, abbreviation]));
  return [...balancers].map(([name, { description }]) => {
    const abbreviation = short.get(name);
    return { name: abbreviation === undefined ? name : `${name} (${abbreviation})`, description };
  });
}

/** Whether `name` is that of a built-in load balancer, or its short one in IPVS. */
export function isBuiltInBalancer(name: string): boolean {
  return balancers.has(ipvsNames.get(name) ?? name);
}

/**
 * What is wrong with `name` as that of a built-in load balancer, in a sentence with the nearest
 * name; `undefined`: nothing.
 */
export function balancerFault(name: string): string | undefined {
  if (isBuiltInBalancer(name)) return undefined;
  const near = nearestName(name, [...balancerNames(), ...ipvsNames.keys()]) ?? begunBy(name);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  return (
    `There is no load balancer "${name}".${hint} Known: ${balancerNames().join(", ")}. ` +
    "One of your own is a path: ./mine.ts."
  );
}

/** The first load balancer whose name begins with a word near this one: power-of-two for `powr`. */
function begunBy(name: string): string | undefined {
  const words = balancerNames().map((each) => each.split("-")[0] ?? each);
  const near = nearestName(name.split("-")[0] ?? name, words);
  return near === undefined ? undefined : balancerNames()[words.indexOf(near)];
}

/**
 * The built-in load balancer called `name`, which may be the short one of IPVS (`rr`). Throws
 * InputError, with the nearest name, when unknown.
 */
export function balancerByName(name: string): Balancer {
  const known = balancers.get(ipvsNames.get(name) ?? name);
  if (known !== undefined) return known.make();
  throw new InputError(balancerFault(name) ?? `There is no load balancer "${name}".`);
}
