import { describe, expect, test } from "vitest";
import { balancerByName } from "../../../policies/balance/index.ts";
import { ControlPlane } from "../../../test/control-plane.ts";
import type {
  CallOutcome,
  KeyRecord,
  Manifest,
  Pod,
  RequestAttemptFact,
  ServiceRequestFact,
} from "../../api/index.ts";
import {
  defaultClusterOptions,
  type IngressOptions,
  type LatencyOptions,
} from "../../options/index.ts";
import { Backends } from "../backend/index.ts";
import type { Call, CallPolicy, Edge } from "../call/index.ts";
import { Calls } from "../calls/index.ts";
import { KubeProxies } from "../proxy/index.ts";
import { Hops, NetworkNodes } from "../topology/index.ts";
import { INGRESS_SERVICE } from "./ingress-addon.ts";
import { IngressController } from "./ingress-controller.ts";
import type { IngressRequest } from "./ingress-entry.ts";

const TINY = "constant(1us)";
const SECOND = 1_000_000;
const PREFIX = "nginx.ingress.kubernetes.io/";

const plainPolicy: CallPolicy = {
  timeoutUs: 0,
  attemptTimeoutUs: 0,
  connectTimeoutUs: SECOND,
  attempts: 1,
  backoffUs: 0,
  backoffMaxUs: 0,
  retryBudget: 0,
  connections: 0,
  isExclusive: false,
  isDatagram: false,
  balancer: "node",
};
const toShop: IngressRequest = {
  host: "shop.io",
  path: "/",
  headers: {},
  cookies: {},
  ingressClass: "",
};

/** A class, a controller's pod on n1, and Services behind it whose pods a test stops. */
class Fixture {
  readonly plane: ControlPlane;
  readonly calls: Calls;
  readonly controller: IngressController;
  readonly facts: ServiceRequestFact[] = [];
  readonly attempts: RequestAttemptFact[] = [];
  readonly ended: Call[] = [];
  readonly #routing: KubeProxies;
  readonly #caller;
  state = { running: new Set<KeyRecord<Pod>>() };
  readonly #sent;
  /** What pods of the backends answer. */
  answer: CallOutcome = "ok";
  /** Numbers of the calls that reached backends, and of the requests that caused them. */
  readonly numbers: [number, number | undefined][] = [];
  #pods = 0;

  constructor(ingress: Partial<IngressOptions> = {}) {
    const { schedulingPerNodeFilteredNs, schedulingPerNodeScoredNs, ...times } =
      defaultClusterOptions.latency;
    const tiny = Object.fromEntries(Object.keys(times).map((name) => [name, TINY]));
    const latency = { ...defaultClusterOptions.latency, ...tiny } as LatencyOptions;
    this.plane = new ControlPlane("1", { latency, clients: { default: { qps: 0, burst: 0 } } });
    const { clients, etcd, informers, kernel, trace } = this.plane;
    const hops = { podToPodSameNode: TINY, podToPod: TINY, outsideToNode: TINY };
    const lag = { syncModel: "lag", proxySync: TINY, proxyWatch: TINY, iptablesLookup: TINY };
    const network = { ...defaultClusterOptions.network, ...hops, ...lag };
    const nodes = new NetworkNodes(kernel);
    nodes.add("n1", "", 64);
    const balancerNamed = balancerByName;
    this.#routing = new KubeProxies({
      kernel,
      trace,
      clients,
      informers,
      nodes,
      records: etcd,
      reach: { isUnreachable: () => false, isAnyUnreachable: false },
      options: network,
      balancer: balancerByName("random"),
      balancerNamed,
    });
    const routing = this.#routing;
    const way = new Hops("1", nodes, network);
    this.calls = new Calls({
      kernel,
      trace,
      routing,
      nodes,
      hops: way,
      tcpHandshake: false,
      balancerNamed,
    });
    const options: IngressOptions = { ...defaultClusterOptions.ingress, mode: "nginx", ...ingress };
    const { calls: engine } = this;
    this.controller = new IngressController({
      kernel,
      clients,
      informers,
      engine,
      routing,
      balancerNamed,
      options,
    });
    engine.addBehaviour({
      serves: () => true,
      workUs: () => 1000,
      worked: (call) => {
        call.outcome = this.answer;
        this.numbers.push([call.number, call.parent?.number]);
        return false;
      },
    });
    const limits = { concurrency: 1000, queueLimit: -1, cpu: 0 };
    const backends = new Backends({
      kernel,
      nodes,
      records: etcd,
      options: network,
      workHistoryUs: SECOND,
      limits: { limitsOf: () => limits },
      liveness: {
        isRunning: (record) => this.state.running.has(record),
        isUnreachable: () => false,
        isAnyUnreachable: false,
        onEnded: () => {},
        onStopping: () => {},
      },
    });
    backends.setHost(engine);
    engine.connect(backends, undefined);
    this.#caller = engine.addCaller({ ended: (call) => this.ended.push(call) });
    this.#sent = kernel.handler("test/send", (edge: Edge, clientHash: number) => {
      engine.begin(edge, { node: 0, clientHash, keyHash: 0, parent: undefined, note: undefined });
    });
    kernel.keep("test/running", this);
    trace.serviceRequest.subscribe((fact) => this.facts.push(fact));
    trace.requestAttempt.subscribe((fact) => this.attempts.push(fact));
    this.plane.store({
      kind: "IngressClass",
      metadata: { name: "nginx" },
      spec: { controller: "k8s.io/ingress-nginx" },
    });
    this.plane.store({ kind: "Namespace", metadata: { name: "ingress-nginx" } });
    this.serve(INGRESS_SERVICE, 1);
  }

  /** Stores a Service with so many pods that run, and others that do not. */
  serve(key: string, running: number, dead = 0): void {
    const [namespace = "", name = ""] = key.split("/");
    const { plane } = this;
    const ports = [{ name: "http", port: 80 }];
    plane.store({ kind: "Service", metadata: { name, namespace }, spec: { ports } });
    const endpoints = Array.from({ length: running + dead }, (_, i) => {
      const podName = `${name}-${i}`;
      const metadata = { name: podName, namespace };
      const containers = [{ name: "main", image: "app" }];
      plane.store({ kind: "Pod", metadata, spec: { containers } });
      const record = plane.etcd.find("Pod", `${namespace}/${podName}`) as KeyRecord<Pod>;
      if (i < running) this.state.running.add(record);
      return {
        addresses: [`10.0.0.${++this.#pods}`],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: "n1",
        targetRef: { kind: "Pod", namespace, name: podName },
      };
    });
    plane.store({
      kind: "EndpointSlice",
      metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints,
      ports: [{ name: "http", port: 80 }],
    });
  }

  start(): this {
    this.#routing.start();
    this.controller.start();
    return this;
  }

  /** Sends so many requests, 10 ms apart, each by a client of its own, and waits for all answers. */
  send(count: number, request: IngressRequest = toShop, untilUs = 600 * SECOND): void {
    const { kernel } = this.plane;
    const edge = this.calls.edge({
      name: "client",
      caller: this.#caller,
      target: this.controller.edgeFor(request).target,
      policy: plainPolicy,
      drawName: `client/${request.path}`,
      isBackground: false,
      isExternal: false,
    });
    this.controller.asks(edge, request);
    for (let i = 0; i < count; i++)
      kernel.at(kernel.nowUs + 10_000 * (i + 1), this.#sent, edge, 7 + i);
    kernel.run(untilUs);
  }

  /** Requests by what backend served them, and with what end. */
  served(): Record<string, number> {
    return this.#count(this.facts.filter(({ parentSpan }) => parentSpan >= 0));
  }

  /** Requests of clients by their end. */
  get outcomes(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { outcome } of this.ended) counts[outcome] = (counts[outcome] ?? 0) + 1;
    return counts;
  }

  #count(facts: readonly ServiceRequestFact[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { endpoint } of facts) counts[endpoint] = (counts[endpoint] ?? 0) + 1;
    return counts;
  }
}

function ingress(name: string, to: string, annotations: Record<string, string> = {}): Manifest {
  const named = Object.entries(annotations).map(([key, value]) => [PREFIX + key, value]);
  const backend = { service: { name: to, port: { number: 80 } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, namespace: "default", annotations: Object.fromEntries(named) },
    spec: {
      ingressClassName: "nginx",
      rules: [{ host: "shop.io", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    },
  };
}

const canary = (weight: string, more: Record<string, string> = {}): Manifest =>
  ingress("z-canary", "next", { canary: "true", "canary-weight": weight, ...more });

/** Service web with two pods behind an Ingress, and whatever else. */
function shop(more: readonly Manifest[] = [], annotations: Record<string, string> = {}): Fixture {
  const fixture = new Fixture();
  fixture.serve("default/web", 2);
  fixture.serve("default/next", 1);
  for (const each of [ingress("a", "web", annotations), ...more]) fixture.plane.store(each);
  return fixture.start();
}

test("what is drawn for an upstream call goes by the request, not by when others were sent on", () => {
  const fixture = new Fixture();
  fixture.serve("default/web", 1);
  fixture.plane.store(ingress("web", "web"));
  fixture.start();
  fixture.send(2);
  fixture.send(2, { ...toShop, path: "/other" });
  expect(fixture.numbers).toEqual([
    [0, 0],
    [1, 1],
    [0, 0],
    [1, 1],
  ]);
});

describe("a request", () => {
  test("goes by the rules to the backend's endpoints in turn, and back", () => {
    const fixture = shop();
    fixture.send(10);
    expect(fixture.outcomes).toEqual({ ok: 10 });
    expect(fixture.served()).toEqual({ "web-0": 5, "web-1": 5 });
    const tree = fixture.facts.filter(({ trace }) => trace === 0);
    expect(tree.map(({ service, source }) => [source, service])).toEqual([
      [INGRESS_SERVICE, "default/web"],
      ["client", INGRESS_SERVICE],
    ]);
  });

  test("that no rule is for gets no route", () => {
    const fixture = shop();
    fixture.send(1, { ...toShop, host: "other.io" });
    fixture.send(1, { ...toShop, ingressClass: "other" });
    expect(fixture.outcomes).toEqual({ "no-route": 2 });
  });

  test.each<[string, CallOutcome, string]>([
    ["an error of the backend's own is passed on", "error", "error"],
    [
      "a failure of what the backend needs is a failure of the backend",
      "upstream-failure",
      "upstream-failure",
    ],
  ])("%s", (_case, answer, wanted) => {
    const fixture = shop();
    fixture.answer = answer;
    fixture.send(1);
    expect(fixture.outcomes).toEqual({ [wanted]: 1 });
  });

  test.each([
    ["without endpoints", 0],
    ["that does not exist", -1],
  ])("to a Service %s fails upstream, at once", (_case, pods) => {
    const fixture = new Fixture();
    if (pods >= 0) fixture.serve("default/web", pods);
    fixture.plane.store(ingress("a", "web"));
    fixture.start().send(3);
    expect(fixture.outcomes).toEqual({ "upstream-failure": 3 });
    expect(fixture.attempts.filter(({ outcome }) => outcome === "no-endpoints")).toHaveLength(3);
  });

  test("is sent on to the next endpoint when one refuses, as often as proxy-next-upstream-tries says", () => {
    const fixture = new Fixture({ proxyNextUpstreamTries: 2 });
    fixture.serve("default/web", 1, 1);
    fixture.plane.store(ingress("a", "web"));
    fixture.start().send(20);
    expect(fixture.outcomes).toEqual({ ok: 20 });
    expect(fixture.served()).toEqual({ "web-0": 20 });
    const none = new Fixture({ proxyNextUpstreamTries: 3 });
    none.serve("default/web", 0, 4);
    none.plane.store(ingress("a", "web"));
    none.start().send(1);
    expect(none.outcomes).toEqual({ "upstream-failure": 1 });
    expect(none.attempts.filter(({ service }) => service === "default/web")).toHaveLength(3);
  });
});

describe("a canary", () => {
  const shareOf = (fixture: Fixture, count: number): number =>
    (fixture.served()["next-0"] ?? 0) / count;

  test("with weight 5 gets 5 % of the requests", () => {
    const fixture = shop([canary("5")]);
    fixture.send(4000);
    // 99.9 % confidence: 3.29 standard deviations of a binomial share.
    const deviation = Math.sqrt((0.05 * 0.95) / 4000);
    expect(Math.abs(shareOf(fixture, 4000) - 0.05)).toBeLessThan(3.29 * deviation);
  });

  test.each<[string, string, Record<string, string>, Partial<IngressRequest>, number]>([
    ["weight 0: none", "0", {}, {}, 0],
    ["weight 100: all", "100", {}, {}, 1],
    ["a weight above its total: all", "300", {}, {}, 1],
    ["its header: all", "0", { "canary-by-header": "next" }, { headers: { next: "always" } }, 1],
    ["its cookie: none", "100", { "canary-by-cookie": "next" }, { cookies: { next: "never" } }, 0],
  ])("%s", (_case, weight, annotations, request, wanted) => {
    const fixture = shop([canary(weight, annotations)]);
    fixture.send(20, { ...toShop, ...request });
    expect(shareOf(fixture, 20)).toBe(wanted);
  });

  test("without endpoints is passed over", () => {
    const fixture = new Fixture();
    fixture.serve("default/web", 1);
    for (const each of [ingress("a", "web"), canary("100")]) fixture.plane.store(each);
    fixture.start().send(5);
    expect(fixture.served()).toEqual({ "web-0": 5 });
  });
});

test("a fork goes on as the run does", () => {
  const build = (): Fixture => shop([canary("30")]);
  const run = build();
  run.send(100, toShop, 500_000);
  const fork = build();
  fork.plane.kernel.restore(run.plane.kernel.snapshot(() => false));
  const before = run.facts.length;
  const rest = (of: Fixture, from: number): unknown[] => {
    of.plane.kernel.run(60 * SECOND);
    return of.facts.slice(from).map(({ endUs, endpoint, span }) => [endUs, endpoint, span]);
  };
  const wanted = rest(run, before);
  expect(wanted.length).toBeGreaterThan(50);
  expect(rest(fork, 0)).toEqual(wanted);
});

test("cookie affinity: a client stays with its endpoint", () => {
  const fixture = shop([], { affinity: "cookie" });
  const held = { ...toShop, cookies: { INGRESSCOOKIE: "abc" } };
  fixture.send(20, held);
  expect(Object.values(fixture.served())).toEqual([20]);
  const many = shop([], { affinity: "cookie" });
  many.send(40);
  expect(Object.keys(many.served()).sort()).toEqual(["web-0", "web-1"]);
});

describe("configuration", () => {
  test("an Ingress counts when nginx has reloaded, a second one not before 3.3 s", () => {
    const fixture = new Fixture();
    fixture.serve("default/web", 1);
    fixture.start();
    const { plane } = fixture;
    plane.client.create("Ingress", ingress("a", "web"), plane.done, undefined);
    fixture.send(150, toShop, 2 * SECOND);
    const lost = fixture.outcomes["no-route"] ?? 0;
    expect(lost).toBeGreaterThanOrEqual(99);
    expect(lost).toBeLessThanOrEqual(101);
    const other = { ...ingress("b", "web"), spec: { ...(ingress("b", "web").spec as object) } };
    (other.spec as { rules: { host: string }[] }).rules[0] = {
      ...(other.spec as { rules: { host: string }[] }).rules[0],
      host: "new.io",
    };
    plane.client.create("Ingress", other, plane.done, undefined);
    fixture.ended.length = 0;
    // From 1.5 s on, when the last answer came: the next sync is at 3.33 s, its reload over at 4.33 s.
    fixture.send(300, { ...toShop, host: "new.io" }, 6 * SECOND);
    expect(Math.abs((fixture.outcomes["no-route"] ?? 0) - 283)).toBeLessThanOrEqual(2);
  });

  test("a canary needs no reload, and other classes' Ingresses do not count", () => {
    const fixture = shop();
    const { plane } = fixture;
    plane.client.create("Ingress", canary("100"), plane.done, undefined);
    fixture.send(10);
    expect(fixture.served()).toEqual({ "next-0": 10 });
    const foreign = ingress("a", "web");
    const spec = { ...(foreign.spec as object), ingressClassName: "other" };
    const alone = new Fixture();
    alone.serve("default/web", 1);
    alone.plane.store({ ...foreign, spec });
    alone.start().send(1);
    expect(alone.outcomes).toEqual({ "no-route": 1 });
  });

  test.each<[Partial<IngressOptions>, string]>([
    [{ balancer: "node" }, 'ingress.balancer: got "node", want the name of a balancer'],
    [{ balancer: "rund-robin" }, "rund-robin"],
    [{ syncRateLimit: 0 }, "ingress.syncRateLimit: got 0, want a number above 0"],
    [{ proxyNextUpstreamTries: 0 }, "ingress.proxyNextUpstreamTries: got 0, want a whole number"],
  ])("%o is refused", (options, message) => {
    expect(() => new Fixture(options)).toThrow(message);
  });
});
