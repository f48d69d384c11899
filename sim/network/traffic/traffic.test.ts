import { describe, expect, test } from "vitest";
import { FakeCalls } from "../../../test/fake-calls.ts";
import { Kernel } from "../../kernel/index.ts";
import type { Call } from "../call/index.ts";
import type { IngressEntry } from "../ingress/index.ts";
import { defaultClient } from "../services/index.ts";
import { NetworkNodes } from "../topology/index.ts";
import { Traffic } from "./traffic.ts";
import type { TrafficSettings } from "./traffic-settings.ts";

const SECOND = 1_000_000;
const MS = 1_000;

const plain: TrafficSettings = {
  name: "",
  service: "default/web",
  port: "",
  ingress: undefined,
  from: "each-node",
  arrivals: "constant(10ms)",
  clients: 0,
  thinkTime: "",
  serviceTime: "",
  addresses: 1,
  keys: 0,
  keySkew: 1,
  client: defaultClient,
  startUs: 0,
  requests: 100,
};
const closed = { ...plain, arrivals: "", clients: 3, thinkTime: "constant(10ms)" };
const random = { arrivals: "exponential(mean=5ms)", serviceTime: "exponential(mean=4ms)" };

class Fixture {
  readonly kernel: Kernel;
  readonly engine: FakeCalls;
  readonly nodes: NetworkNodes;
  readonly traffic: Traffic;

  constructor(names: readonly string[] = ["n1"], entry?: IngressEntry) {
    this.kernel = new Kernel("1");
    const { kernel } = this;
    this.engine = new FakeCalls(kernel);
    const { engine } = this;
    this.nodes = new NetworkNodes(kernel);
    const { nodes } = this;
    this.traffic = new Traffic({ kernel, engine, routing: engine.routing, nodes, entry });
    for (const name of names) nodes.add(name, "", 4);
  }

  /** Sends all that is to be sent. */
  run(settings: Partial<TrafficSettings>, base = plain): Call[] {
    this.traffic.add({ ...base, ...settings });
    this.kernel.run(1_000 * SECOND);
    return this.calls;
  }

  get calls(): Call[] {
    return this.engine.state.calls;
  }
}

function counts<T>(values: readonly T[]): Record<string, number> {
  const found = new Map<string, number>();
  for (const value of values) found.set(String(value), (found.get(String(value)) ?? 0) + 1);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("an open loop", () => {
  test("sends on time, whether or not earlier ones were answered", () => {
    const calls = new Fixture().run({ startUs: SECOND, requests: 3 });
    expect(calls.map(({ startUs }) => startUs)).toEqual([
      SECOND + 10 * MS,
      SECOND + 20 * MS,
      SECOND + 30 * MS,
    ]);
    expect(calls.map(({ number, note }) => [number, note])).toEqual([
      [0, undefined],
      [1, undefined],
      [2, undefined],
    ]);
  });

  test.each([
    ["n2", { "1": 600 }],
    ["each-node", { "0": 200, "1": 200, "2": 200 }],
    ["outside", { "-1": 600 }],
  ])("starts at %s", (from, expected) => {
    const calls = new Fixture(["n1", "n2", "n3"]).run({ from, requests: 600 });
    expect(counts(calls.map(({ node }) => node))).toEqual(expected);
    expect(calls[0]?.edge.isExternal).toBe(from === "outside");
  });

  test("random-node: every node has its share, within four standard deviations", () => {
    const calls = new Fixture(["n1", "n2", "n3"]).run({ from: "random-node", requests: 6_000 });
    const shares = Object.values(counts(calls.map(({ node }) => node)));
    expect(shares).toHaveLength(3);
    for (const share of shares) expect(Math.abs(share - 2_000)).toBeLessThan(4 * 36.5);
  });

  test("its addresses come in turn", () => {
    const calls = new Fixture().run({ addresses: 4 });
    expect(Object.values(counts(calls.map(({ clientHash }) => clientHash)))).toEqual([
      25, 25, 25, 25,
    ]);
    expect(calls[0]?.clientHash).toBe(calls[4]?.clientHash);
  });

  test("keys follow Zipf's law; without them each request has one of its own", () => {
    const keyed = new Fixture().run({ keys: 10, keySkew: 1, requests: 20_000 });
    const shares = Object.values(counts(keyed.map(({ keyHash }) => keyHash))).sort((a, b) => b - a);
    const harmonic = Array.from({ length: 10 }, (_, k) => 1 / (k + 1)).reduce((a, b) => a + b);
    expect(shares).toHaveLength(10);
    for (const [k, share] of shares.entries()) {
      const expected = 20_000 / (k + 1) / harmonic;
      expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt(expected));
    }
    const own = new Fixture().run({ requests: 1_000 });
    expect(new Set(own.map(({ keyHash }) => keyHash)).size).toBe(1_000);
  });

  test("counts end it by themselves", () => {
    const fixture = new Fixture();
    fixture.traffic.add({ ...plain, arrivals: "counts([5, 0, 7])", requests: undefined });
    expect(fixture.kernel.run(Number.MAX_SAFE_INTEGER)).toBe("idle");
    expect(fixture.calls).toHaveLength(12);
  });

  test("draws belong to the source: another source to the same Service changes none", () => {
    const shown = ({ startUs, note, keyHash }: Call): unknown => [startUs, note, keyHash];
    const alone = new Fixture().run(random).map(shown);
    const together = new Fixture();
    together.traffic.add({ ...plain, ...random });
    together.traffic.add({ ...plain, ...random, name: "second" });
    together.kernel.run(1_000 * SECOND);
    const of = (name: string): unknown[] =>
      together.calls.filter(({ edge }) => edge.name === name).map(shown);
    expect(of("default/web")).toEqual(alone);
    expect(of("second")).toHaveLength(100);
    expect(of("second")).not.toEqual(alone);
  });
});

describe("a closed loop", () => {
  test("sends a client's next request a think time after its answer", () => {
    const { kernel, engine, traffic } = new Fixture();
    traffic.add({ ...closed, clients: 2, requests: 4 });
    kernel.run(SECOND);
    expect(engine.state.calls.map(({ startUs }) => startUs)).toEqual([10 * MS, 10 * MS]);
    const [first, second] = engine.state.calls;
    if (first === undefined || second === undefined) throw new Error("two clients");
    kernel.at(
      2 * SECOND,
      kernel.handler("answer", (call: Call) => engine.end(call, "ok")),
      second,
      undefined,
    );
    kernel.run(3 * SECOND);
    const third = engine.state.calls[2];
    expect(third?.startUs).toBe(2 * SECOND + 10 * MS);
    expect(third?.clientHash).toBe(second.clientHash);
    expect(third?.clientHash).not.toBe(first.clientHash);
    expect(engine.state.calls).toHaveLength(3);
  });

  test("sends `requests` in all, and keeps clients on their nodes", () => {
    const fixture = new Fixture(["n1", "n2"]);
    fixture.engine.atOnce = () => "ok";
    const calls = fixture.run({ requests: 31 }, closed);
    expect(calls).toHaveLength(31);
    const places = new Set(calls.map(({ clientHash, node }) => `${clientHash} ${node}`));
    expect(places.size).toBe(3);
    expect(calls[0]?.edge).toMatchObject({ sent: 31, answered: 31, failed: 0 });
  });

  test("a failure is an answer, and an answer at once does not stop the clock", () => {
    const fixture = new Fixture();
    fixture.engine.atOnce = () => "no-endpoints";
    const calls = fixture.run({ thinkTime: "0s", requests: 5, clients: 1 }, closed);
    expect(calls.map(({ startUs }) => startUs)).toEqual([1, 2, 3, 4, 5]);
    expect(calls[0]?.edge.failed).toBe(5);
  });

  test("a client's requests ask for the same work, whatever the others' answers", () => {
    const works = (slow: boolean): unknown[][] => {
      const fixture = new Fixture();
      const { engine } = fixture;
      // The first client's first answer never comes in the slow run.
      engine.atOnce = ({ edge }) => (slow && edge.sent === 1 ? undefined : "ok");
      const calls = fixture.run({ ...random, arrivals: "", requests: 60 }, closed);
      const of = new Map<number, unknown[]>();
      for (const { clientHash, note } of calls)
        of.set(clientHash, [...(of.get(clientHash) ?? []), note]);
      return [...of.values()].map((list) => list.slice(0, 12));
    };
    const [, ...fast] = works(false);
    const [stuck, ...rest] = works(true);
    expect(rest).toEqual(fast);
    expect(stuck).toHaveLength(1);
  });
});

describe("a source", () => {
  test("without end does not keep the run alive; one until a time does", () => {
    const endless = new Fixture();
    endless.traffic.add({ ...plain, requests: undefined });
    expect(endless.kernel.run(100 * SECOND)).toBe("idle");
    expect(endless.calls).toHaveLength(0);
    const ending = new Fixture();
    ending.traffic.add({ ...plain, requests: undefined, untilUs: SECOND });
    expect(ending.kernel.run(100 * SECOND)).toBe("idle");
    expect(ending.calls).toHaveLength(100);
    const loop = new Fixture();
    loop.traffic.add({ ...closed, requests: undefined });
    expect(loop.kernel.run(100 * SECOND)).toBe("idle");
    expect([loop.calls.length, loop.engine.state.edges[0]?.isBackground]).toEqual([0, true]);
  });

  test("goes to an ingress by its entry", () => {
    const asked: string[] = [];
    const entry: IngressEntry = {
      edgeFor: ({ host }) => ({
        target: { number: 9, service: `ingress/${host}`, port: "80", hash: 1 },
        isExternal: true,
      }),
      asks: (edge, { path }) => asked.push(`${edge.name} ${path}`),
    };
    const ingress = { host: "shop", path: "/cart", headers: {}, cookies: {}, ingressClass: "" };
    const calls = new Fixture(["n1"], entry).run({ service: "", ingress, from: "outside" });
    expect(calls[0]?.edge).toMatchObject({ name: "shop/cart", isExternal: true });
    expect(calls[0]?.edge.target.service).toBe("ingress/shop");
    expect(asked).toEqual(["shop/cart /cart"]);
    expect(() => new Fixture().run({ service: "", ingress })).toThrow(
      "traffic to shop/cart: ingress: the cluster has no ingress controller.",
    );
  });

  test.each([
    ["open", { ...plain, ...random, arrivals: "mmpp(rates=[9/s, 90/s], stays=[1s, 1s])" }],
    ["closed", { ...closed, thinkTime: "exponential(mean=20ms)" }],
  ])("%s: a fork goes on as the run does", (_case, settings) => {
    const build = (): Fixture => {
      const fixture = new Fixture(["n1", "n2"]);
      fixture.engine.atOnce = () => "ok";
      return fixture;
    };
    const run = build();
    run.traffic.add(settings);
    run.kernel.run(200 * MS);
    const fork = build();
    fork.kernel.restore(run.kernel.snapshot(() => false));
    const rest = (of: Fixture): unknown[] => {
      of.kernel.run(100 * SECOND);
      return of.calls.map(({ startUs, node, clientHash, note }) => [
        startUs,
        node,
        clientHash,
        note,
      ]);
    };
    expect(rest(fork)).toEqual(rest(run));
    expect(run.calls).toHaveLength(100);
  });

  test.each<[Partial<TrafficSettings>, string]>([
    [{ service: "web" }, 'traffic: got service "web", want namespace/name of a Service.'],
    [{ arrivals: "5 apples" }, "traffic to default/web: arrivals: got"],
    [{ arrivals: "poisson(rate=-1/s)" }, "arrivals: got"],
    [{ arrivals: "0s", requests: undefined }, "time would never pass"],
    [{ arrivals: "" }, "got neither arrivals nor clients"],
    [{ clients: 2 }, "got both arrivals and clients"],
    [{ arrivals: "", clients: 2 }, "thinkTime: got"],
    [{ serviceTime: "expnential(mean=1s)" }, "Did you mean exponential?"],
    [{ addresses: 0 }, "traffic to default/web: addresses: got 0, want a whole number, 1"],
    [{ keys: -1 }, "keys: got -1"],
    [{ keySkew: -1 }, "keySkew: got -1, want a number, 0 or more."],
    [
      { client: { ...defaultClient, connections: -1 } },
      "connections: got -1, want a whole number, 0",
    ],
    [{ client: { ...defaultClient, attempts: 0 } }, "attempts: got 0, want a whole number, 1"],
    [
      { client: { ...defaultClient, isExclusive: true } },
      "exclusive connections and connections 0",
    ],
    [{ requests: 0.5 }, "traffic to default/web: requests: got 0.5, want a whole number, 1"],
    [{ from: "node-O1" }, 'from: got "node-O1", and no node of that name has joined by 0.01 s'],
    [{ from: "node-O1" }, "Did you mean node-01?"],
  ])("with %o is refused", (settings, message) => {
    expect(() => new Fixture(["node-01"]).run(settings)).toThrow(message);
  });

  test("before any node has joined is refused when it is due", () => {
    expect(() => new Fixture([]).run({ from: "random-node" })).toThrow(
      "from: no node has joined by 0.01 s",
    );
  });
});
