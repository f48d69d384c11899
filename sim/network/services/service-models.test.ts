import { describe, expect, test } from "vitest";
import { FakeCalls } from "../../../test/fake-calls.ts";
import { KeyRecord, type Pod } from "../../api/index.ts";
import { hashString, Kernel } from "../../kernel/index.ts";
import { Call, Edge, ServerEnd } from "../call/index.ts";
import { clientPolicy, defaultClient } from "./client-policy.ts";
import type { ServiceCallSettings, ServiceModelSettings } from "./service-model.ts";
import { CALL_DEPTH_MAX, ServiceModels } from "./service-models.ts";

const plain: ServiceModelSettings = {
  serviceTime: "constant(3ms)",
  concurrency: 1,
  queueLimit: -1,
  cpu: 0,
  errors: 0,
  calls: [],
};
const call = (to: string, change: Partial<ServiceCallSettings> = {}): ServiceCallSettings => ({
  to: `d/${to}`,
  probability: 1,
  times: 1,
  cacheHits: 0,
  isOptional: false,
  client: defaultClient,
  ...change,
});

class Fixture {
  readonly kernel = new Kernel("1");
  readonly engine = new FakeCalls(this.kernel);
  readonly models: ServiceModels;
  readonly #edge: Edge;
  #number = 0;

  constructor(models: Record<string, Partial<ServiceModelSettings>>, isBackground = false) {
    const { kernel, engine } = this;
    this.models = new ServiceModels({ kernel, engine, routing: engine.routing });
    const leaves = { "d/b": {}, "d/c": {}, "d/e": {} };
    const whole = Object.entries({ ...leaves, ...models });
    this.models.set(
      Object.fromEntries(whole.map(([name, model]) => [name, { ...plain, ...model }])),
    );
    this.#edge = new Edge({
      number: 99,
      name: "test",
      caller: 0,
      target: engine.routing.target("d/a", ""),
      policy: clientPolicy(defaultClient, ""),
      hash: hashString("test"),
      isBackground,
      isExternal: false,
    });
  }

  /** A request to d/a that is in its pod, on node 3. */
  request(note?: number): Call {
    const made = new Call(this.#edge, this.#number++, -1, 7, 8, undefined, note, 0);
    made.server = new ServerEnd(new KeyRecord<Pod>(5, "Pod", "d", "a-1"));
    return made;
  }

  /** Ends the oldest call that is still on its way. */
  endNext(outcome: "ok" | "error" | "timeout" = "ok"): void {
    const next = this.engine.state.calls.shift();
    if (next === undefined) throw new Error("no call is on its way");
    this.engine.end(next, outcome);
  }

  get open(): string[] {
    return this.engine.state.calls.map(({ edge }) => edge.target.service);
  }

  get answers(): string[] {
    return this.engine.state.responded.map(({ outcome }) => outcome);
  }
}

describe("a service", () => {
  test("works as long as the call says, else as its model does", () => {
    const { models, request } = bound(new Fixture({ "d/a": {} }));
    expect([models.workUs(request()), models.workUs(request(42))]).toEqual([3_000, 42]);
  });

  test("whose model and caller say nothing is the user's mistake", () => {
    const fixture = new Fixture({});
    expect(() => fixture.models.workUs(fixture.request())).toThrow(
      'a request from test to d/a has no service time. Say serviceTime in the traffic, or under services."d/a".',
    );
    expect(fixture.models.workUs(fixture.request(5))).toBe(5);
    expect(fixture.models.worked(fixture.request())).toBe(false);
  });

  test("draws the work by the request: asked again it says the same", () => {
    const { models, request } = bound(
      new Fixture({ "d/a": { serviceTime: "exponential(mean=5ms)" } }),
    );
    const works = Array.from({ length: 2_000 }, () => models.workUs(request()));
    const again = bound(new Fixture({ "d/a": { serviceTime: "exponential(mean=5ms)" } }));
    expect(Array.from({ length: 2_000 }, () => again.models.workUs(again.request()))).toEqual(
      works,
    );
    const mean = works.reduce((sum, work) => sum + work, 0) / works.length;
    expect(Math.abs(mean - 5_000)).toBeLessThan((4 * 5_000) / Math.sqrt(2_000));
  });

  test("fails its share of requests", () => {
    const { models, request } = bound(new Fixture({ "d/a": { errors: 0.2 } }));
    const failed = Array.from({ length: 10_000 }, request).filter((each) => {
      expect(models.worked(each)).toBe(false);
      return each.outcome === "error";
    });
    expect(Math.abs(failed.length - 2_000)).toBeLessThan(4 * 40);
  });

  test("tells its limits", () => {
    const { models } = new Fixture({ "d/a": { concurrency: 4, queueLimit: 9, cpu: 0.5 } });
    expect(models.limitsOf("d/a")).toMatchObject({ concurrency: 4, queueLimit: 9, cpu: 0.5 });
    expect(models.limitsOf("d/x")).toBeUndefined();
  });
});

describe("its calls", () => {
  test("go out by stages: those of one at once, the next when the last has ended", () => {
    const fixture = new Fixture({
      "d/a": { calls: [[call("b", { times: 2 }), call("c")], [call("e")]] },
    });
    const request = fixture.request();
    expect(fixture.models.worked(request)).toBe(true);
    expect(fixture.open).toEqual(["d/b", "d/b", "d/c"]);
    fixture.endNext();
    fixture.endNext();
    expect([fixture.open, fixture.answers]).toEqual([["d/c"], []]);
    fixture.endNext();
    expect([fixture.open, fixture.answers]).toEqual([["d/e"], []]);
    fixture.endNext();
    expect([fixture.open, fixture.answers]).toEqual([[], ["ok"]]);
  });

  test("start at the pod: its node, its address, the request's key; named after the Service", () => {
    const fixture = new Fixture({ "d/a": { calls: [[call("b")]] } });
    const request = fixture.request();
    fixture.models.worked(request);
    const [child] = fixture.engine.state.calls;
    expect(child).toMatchObject({ parent: request, keyHash: 8, note: undefined });
    expect(child?.clientHash).toBe(request.server?.record.hash);
    expect(child?.edge).toMatchObject({ name: "d/a", isBackground: false });
  });

  test("of requests without end do not keep the run alive", () => {
    const fixture = new Fixture({ "d/a": { calls: [[call("b")]] } }, true);
    fixture.models.worked(fixture.request());
    fixture.models.worked(fixture.request());
    const edges = fixture.engine.state.calls.map(({ edge }) => edge);
    expect(edges.map(({ isBackground }) => isBackground)).toEqual([true, true]);
    expect(edges[0]).toBe(edges[1]);
    fixture.endNext("error");
    fixture.endNext();
    expect(fixture.answers).toEqual(["upstream-failure", "ok"]);
  });

  test("that fail fail the answer, after their stage; optional ones do not", () => {
    const needed = new Fixture({ "d/a": { calls: [[call("b"), call("c")], [call("e")]] } });
    needed.models.worked(needed.request());
    needed.endNext("timeout");
    expect(needed.answers).toEqual([]);
    needed.endNext();
    expect([needed.open, needed.answers]).toEqual([[], ["upstream-failure"]]);
    const optional = new Fixture({
      "d/a": { calls: [[call("b", { isOptional: true })], [call("e")]] },
    });
    optional.models.worked(optional.request());
    optional.endNext("timeout");
    expect(optional.open).toEqual(["d/e"]);
  });

  test("that all end at once are an answer at once, and never a second one", () => {
    const fixture = new Fixture({ "d/a": { calls: [[call("b"), call("c")], [call("e")]] } });
    fixture.engine.atOnce = () => "ok";
    const request = fixture.request();
    expect([fixture.models.worked(request), request.outcome]).toEqual([false, "ok"]);
    fixture.engine.atOnce = () => "no-endpoints";
    const failing = fixture.request();
    expect([fixture.models.worked(failing), failing.outcome]).toEqual([false, "upstream-failure"]);
    expect(fixture.answers).toEqual([]);
  });

  test("are made with their probability, and not where the cache hits", () => {
    const calls = [[call("b", { probability: 0.3 }), call("c", { times: 5, cacheHits: 0.8 })]];
    const fixture = new Fixture({ "d/a": { calls } });
    for (let i = 0; i < 10_000; i++) fixture.models.worked(fixture.request());
    const count = (service: string): number =>
      fixture.open.filter((target) => target === service).length;
    expect(Math.abs(count("d/b") - 3_000)).toBeLessThan(4 * Math.sqrt(10_000 * 0.3 * 0.7));
    expect(Math.abs(count("d/c") - 10_000)).toBeLessThan(4 * Math.sqrt(50_000 * 0.2 * 0.8));
  });

  test("of a pod that has ended are not followed by others, nor by an answer", () => {
    const fixture = new Fixture({ "d/a": { calls: [[call("b")], [call("e")]] } });
    const request = fixture.request();
    fixture.models.worked(request);
    if (request.server !== undefined) request.server.endedUs = 5;
    fixture.endNext();
    expect([fixture.open, fixture.answers]).toEqual([[], []]);
  });

  test("in a circle end with an error at the greatest depth", () => {
    const fixture = new Fixture({ "d/a": { calls: [[call("a", { probability: 0.99 })]] } });
    const outcomes = new Map<number, string>();
    let request = fixture.request();
    for (let depth = 0; depth <= CALL_DEPTH_MAX; depth++) {
      const below = new Call(request.edge, depth, 0, 0, 0, request, undefined, 0);
      if (!fixture.models.worked(request)) outcomes.set(depth, request.outcome);
      request = below;
    }
    expect(outcomes.get(CALL_DEPTH_MAX)).toBe("error");
    expect([...outcomes].filter(([, outcome]) => outcome === "error")).toHaveLength(1);
  });

  test("go on in a fork as in the run", () => {
    const models = { "d/a": { calls: [[call("b")], [call("c")]] } };
    const run = new Fixture(models);
    run.models.worked(run.request());
    const fork = new Fixture({});
    fork.kernel.restore(run.kernel.snapshot((object) => object instanceof KeyRecord));
    fork.endNext();
    expect(fork.open).toEqual(["d/c"]);
    fork.endNext("error");
    expect([fork.answers, run.answers, run.open]).toEqual([["upstream-failure"], [], ["d/b"]]);
  });
});

describe("models", () => {
  test.each<[Record<string, Partial<ServiceModelSettings>>, string]>([
    [{ web: {} }, 'services: got "web", want namespace/name of a Service'],
    [{ "d/web:80": {} }, 'services: got "d/web:80", want namespace/name of a Service.'],
    [{ "d/a": { serviceTime: "fast" } }, 'services."d/a": serviceTime: got "fast"'],
    [{ "d/a": { concurrency: -1 } }, 'services."d/a": concurrency: got -1, want a whole number, 0'],
    [{ "d/a": { queueLimit: -2 } }, "queueLimit: got -2, want a whole number, -1 or more."],
    [{ "d/a": { cpu: 65 } }, "cpu: got 65, want a number from 0 to 64."],
    [{ "d/a": { errors: 1.1 } }, "errors: got 1.1, want a number from 0 to 1."],
    [{ "d/a": { calls: [[call("b", { times: 0 })]] } }, "calls[0][0]: times: got 0"],
    [{ "d/a": { calls: [[call("b", { probability: 2 })]] } }, "calls[0][0]: probability: got 2"],
    [{ "d/pay": {}, "d/a": { calls: [[call("bay")]] } }, 'to: got "d/bay", which has no model'],
    [{ "d/payment": {}, "d/a": { calls: [[call("paymnt")]] } }, 'Did you mean "d/payment"?'],
    [{ "d/a": { calls: [[call("a")]] } }, "calls that never end: d/a -> d/a."],
  ])("like %o are refused", (models, message) => {
    expect(() => new Fixture(models)).toThrow(message);
  });
});

function bound(fixture: Fixture): { models: ServiceModels; request: (note?: number) => Call } {
  return {
    models: fixture.models,
    request: (note) => fixture.request(typeof note === "number" ? note : undefined),
  };
}
