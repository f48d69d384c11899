import { describe, expect, test } from "vitest";
import {
  type BalanceRequest,
  type Balancer,
  defineBalancer,
  type Endpoint,
  type EndpointSet,
} from "../../sim/network/index.ts";
import { balancerFromExport } from "./balancer-from-export.ts";

const endpoint = (slot: number): Endpoint => ({
  address: `10.0.0.${slot}`,
  slot,
  podKey: `default/p${slot}`,
  podName: `p${slot}`,
  podUid: `${slot}`,
  nodeName: "n",
  node: 0,
  zone: "",
  isReady: true,
  isServing: true,
  isTerminating: false,
  weight: 1,
});
const set: EndpointSet = {
  service: { key: "default/web", isHeadless: false, sessionAffinity: "None" },
  endpoints: [endpoint(0), endpoint(1)],
  slotCount: 2,
};
const request: BalanceRequest = {
  nowUs: 0,
  sourceNode: 0,
  sourceNodeName: "n",
  sourceZone: "",
  clientHash: 1,
  keyHash: 1,
  uniform: 0,
  uniform2: 0,
};
const choice = (balancer: Balancer): number => {
  const memory = balancer.createMemory?.() ?? {};
  balancer.changed?.(memory, set);
  return balancer.choose(set, request, memory);
};
const throwing = (message: string) => (): never => {
  throw new Error(message);
};

describe("balancerFromExport", () => {
  test("gives the balancer its own memory, and tells it all that it wants to know", () => {
    const seen: string[] = [];
    const own = balancerFromExport(
      defineBalancer<{ next: number }>({
        name: "turn",
        createMemory: () => ({ next: 0 }),
        changed: (_memory, { service }) => seen.push(`changed ${service.key}`),
        choose: ({ endpoints }, _request, memory) => memory.next++ % endpoints.length,
        opened: (memory, { slot }) => seen.push(`opened ${slot} after ${memory.next}`),
        closed: (_memory, { slot }, latencyUs, isOk, nowUs) =>
          seen.push(`closed ${slot} ${latencyUs} ${isOk} ${nowUs}`),
      }),
      "mine.ts",
    );
    const memory = own.createMemory?.() ?? {};
    own.changed?.(memory, set);
    const chosen = [0, 1, 2].map(() => own.choose(set, request, memory));
    own.opened?.(memory, endpoint(1));
    own.closed?.(memory, endpoint(1), 30, true, 40);
    expect(own.name).toBe("turn");
    expect(chosen).toEqual([0, 1, 0]);
    expect(seen).toEqual(["changed default/web", "opened 1 after 3", "closed 1 30 true 40"]);
  });

  test("has no hooks that the balancer has not: nothing is counted for it", () => {
    const own = balancerFromExport({ name: "first", choose: () => 0 }, "mine.ts");
    expect([own.opened, own.closed]).toEqual([undefined, undefined]);
    expect(choice(own)).toBe(0);
  });

  test("-1 is an answer: none of them", () => {
    expect(choice(balancerFromExport({ name: "none", choose: () => -1 }, "mine.ts"))).toBe(-1);
  });

  test.each<[string, unknown, string]>([
    ["a number", 5, "balancer mine.ts: got 5, which is no balancer. Export defineBalancer("],
    ["no choose", { name: "a" }, "got an object, which is no balancer"],
    ["a misspelt field", { name: "a", chose: () => 0 }, '"chose". Did you mean "choose"?'],
    ["no name", { choose: () => 0 }, "mine.ts: name: got nothing, want a name"],
    ["the name of a built-in one", { name: "maglev", choose: () => 0 }, 'got "maglev", which'],
    ["a short name of IPVS", { name: "wrr", choose: () => 0 }, 'got "wrr", which stowage has'],
    ["the word for the node's own", { name: "node", choose: () => 0 }, 'got "node", which'],
    ["no function", { name: "a", choose: 1 }, 'balancer "a" (mine.ts): choose: got 1, want a'],
    ["a hook that is none", { name: "a", choose: () => 0, opened: [] }, "opened: got a list, want"],
  ])("refuses %s", (_case, exported, message) => {
    expect(() => balancerFromExport(exported, "mine.ts")).toThrow(message);
  });

  test.each<[string, object, string]>([
    ["an index out of range", { choose: () => 2 }, 'Service "default/web" gave 2, want the index'],
    [
      "-2",
      { choose: () => -2 },
      "gave -2, want the index of an endpoint, a whole number from 0 to 1",
    ],
    ["NaN", { choose: () => Number.NaN }, "gave NaN, want"],
    ["half an index", { choose: () => 0.5 }, "gave 0.5, want"],
    ["nothing", { choose: () => undefined }, "gave nothing, want"],
    [
      "an error",
      { choose: throwing("why") },
      'failed in choose for Service "default/web": Error: why',
    ],
    ["an error when told", { choose: () => 0, changed: throwing("no") }, "failed in changed for"],
    ["no memory", { choose: () => 0, createMemory: () => 5 }, "its createMemory gave 5, want an"],
  ])("%s names the balancer, its file and the Service", (_case, fields, message) => {
    const own = balancerFromExport({ name: "own", ...fields }, "mine.ts");
    expect(() => choice(own)).toThrow(message);
    expect(() => choice(own)).toThrow('balancer "own" (mine.ts)');
  });
});
