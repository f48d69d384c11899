/** Calls between one client and pods that do as a test says. */
import type {
  CallOutcome,
  KeyRecord,
  Pod,
  RequestAttemptFact,
  ServiceRequestFact,
} from "../sim/api/index.ts";
import { createTrace } from "../sim/api/index.ts";
import { Kernel } from "../sim/kernel/index.ts";
import type { PodBackends } from "../sim/network/backend/index.ts";
import {
  type Call,
  type CallPolicy,
  type DatagramFlow,
  type Edge,
  ServerEnd,
} from "../sim/network/call/index.ts";
import { Calls, type NameResolver } from "../sim/network/calls/index.ts";
import type {
  Balancer,
  BalanceSite,
  Endpoint,
  NameLead,
  ServiceRouting,
  Target,
} from "../sim/network/proxy/index.ts";
import { Hops, NetworkNodes } from "../sim/network/topology/index.ts";
import { endpointNumbered, endpointSet } from "./endpoint-sets.ts";

export const MS = 1000;

const plain: CallPolicy = {
  timeoutUs: 0,
  attemptTimeoutUs: 0,
  connectTimeoutUs: 1_000_000,
  attempts: 1,
  backoffUs: 10 * MS,
  backoffMaxUs: 40 * MS,
  retryBudget: 0,
  connections: 0,
  isExclusive: false,
  isDatagram: false,
  balancer: "node",
};

const target: Target = { number: 0, service: "shop/web", port: "", hash: 7 };

/** Whatever else a site knows is the routing's business. */
function site(known: Pick<BalanceSite, "kind" | "node" | "target">): BalanceSite {
  return known as BalanceSite;
}

/** Gives the endpoints of a list in turn, and counts what is open. */
class TurnRouting implements ServiceRouting {
  endpointsLeft: (Endpoint | undefined)[] = [];
  readonly open = new Map<string, number>();
  readonly sites: string[] = [];
  /** Draws of nodes by which connections come in. */
  readonly entries: number[] = [];
  /** Pods that the rules know no more. */
  readonly gone = new Set<string>();
  /** Where the target's name leads; undefined: it is a Service like others. */
  leads: NameLead | undefined;

  target(): Target {
    return target;
  }
  proxySite(_target: Target, node: number, isExternal: boolean): BalanceSite {
    return site({ target, node, kind: isExternal ? "external" : "proxy" });
  }
  clientSite(_target: Target, node: number, name: string, _balancer: Balancer): BalanceSite {
    this.sites.push(name);
    return site({ target, node, kind: "client" });
  }
  endpoints() {
    return endpointSet([]);
  }
  choose(): Endpoint | undefined {
    return this.endpointsLeft.shift();
  }
  opened(_site: BalanceSite, { podName }: Endpoint): void {
    this.open.set(podName, (this.open.get(podName) ?? 0) + 1);
  }
  closed(_site: BalanceSite, { podName }: Endpoint): void {
    this.open.set(podName, (this.open.get(podName) ?? 0) - 1);
  }
  lookupUs(): number {
    return 0;
  }
  entryNode(_target: Target, uniform: number): number {
    this.entries.push(uniform);
    return 0;
  }
  isHeadless(): boolean {
    return false;
  }
  isServing(_site: BalanceSite, { podName }: Endpoint): boolean {
    return !this.gone.has(podName);
  }
  lead(): NameLead | undefined {
    return this.leads;
  }
  leadPort(): string {
    return "";
  }
}

export interface CallsSettings {
  readonly policy?: Partial<CallPolicy>;
  /** What the pods do, attempt by attempt; then they serve. */
  readonly pods?: readonly (CallOutcome | "lost" | "refused-at-door" | "slow")[];
  /** From when to when the nodes are cut off from each other, ms. */
  readonly cutOff?: readonly [number, number];
  /** Numbers of the endpoints that are chosen, in turn; then 0 again. -1: none is known. */
  readonly choices?: readonly number[];
  /** How clients get to know the address; absent: they know it. */
  readonly resolver?: NameResolver;
  readonly isExternal?: boolean;
  /** Datagrams of one socket. */
  readonly flow?: DatagramFlow;
}

const WORK = 5 * MS;

/** Pods that do, call by call, what the script says; then they serve. */
function scriptedPods(
  kernel: Kernel,
  calls: Calls,
  pods: NonNullable<CallsSettings["pods"]>,
  cutOff: readonly [number, number],
) {
  const script = [...pods];
  const servers = new Map<string, ServerEnd>();
  const received: boolean[] = [];
  const worked = kernel.handler("test/worked", (call: Call) => {
    call.turnedUs = kernel.nowUs;
    calls.onWorked(call);
  });
  const backends: PodBackends = {
    receive(call, isNew) {
      received.push(isNew);
      call.reachedUs = kernel.nowUs;
      const name = call.endpoint?.podName ?? "";
      const step = script.shift();
      if (step === "lost") return calls.onLost(call);
      if (step === "refused-at-door") {
        call.outcome = "connection-refused";
        return calls.onTurned(call);
      }
      const server = servers.get(name) ?? new ServerEnd({} as KeyRecord<Pod>);
      servers.set(name, server);
      call.server = server;
      if (step === undefined || step === "slow") {
        call.beganUs = kernel.nowUs;
        call.place = 0;
        kernel.after(step === "slow" ? 1_000_000 : WORK, worked, call, undefined);
        return;
      }
      call.outcome = step;
      calls.onTurned(call);
    },
    release: () => {},
    isCutOff: () => kernel.nowUs >= cutOff[0] * MS && kernel.nowUs < cutOff[1] * MS,
    isClosed: (server) => server.endedUs >= 0,
  };
  return { backends, received, servers };
}

/** One client on node 0, pods on node 1: a hop of 1 ms, 5 ms of service; slow pods take 1 s. */
export function world(settings: CallsSettings) {
  const { choices = [], cutOff = [0, 0], flow, pods = [], policy = {}, resolver } = settings;
  const kernel = new Kernel("1");
  const trace = createTrace();
  const nodes = new NetworkNodes(kernel);
  nodes.add("n0", "", 4);
  nodes.add("n1", "", 4);
  const hop = "constant(1ms)";
  const hops = new Hops("1", nodes, {
    podToPodSameNode: hop,
    podToPod: hop,
    podToPodOtherZone: hop,
    outsideToNode: hop,
  });
  const routing = new TurnRouting();
  const at = (number: number) => ({ ...endpointNumbered(number), node: 1, nodeName: "n1" });
  routing.endpointsLeft = [
    ...choices.map((number) => (number < 0 ? undefined : at(number))),
    ...Array.from({ length: 50 }, () => at(0)),
  ];
  const calls = new Calls({
    kernel,
    trace,
    routing,
    nodes,
    hops,
    tcpHandshake: true,
    balancerNamed: (name) => ({ name, choose: () => 0 }),
  });
  const ended: Call[] = [];
  const caller = calls.addCaller({ ended: (call) => ended.push(call) });
  calls.addBehaviour({ serves: () => true, workUs: () => WORK, worked: () => false });
  const { backends, received, servers } = scriptedPods(kernel, calls, pods, cutOff);
  calls.connect(backends, resolver);
  const edge: Edge = calls.edge({
    name: "shoppers",
    caller,
    target,
    policy: { ...plain, ...policy },
    drawName: "shoppers",
    isBackground: false,
    isExternal: settings.isExternal ?? false,
  });
  const facts: ServiceRequestFact[] = [];
  const attempts: RequestAttemptFact[] = [];
  trace.serviceRequest.subscribe((fact) => facts.push(fact));
  trace.requestAttempt.subscribe((fact) => attempts.push(fact));
  const client = { node: 0, clientHash: 1, keyHash: 0, parent: undefined, note: undefined, flow };
  const begin = () => calls.begin(edge, client);
  const run = (ms = 1e9) => kernel.run(ms * MS);
  const beginAt = (ms: number) => kernel.at(ms * MS, arrival, undefined, undefined);
  const arrival = kernel.handler("test/arrival", () => void begin());
  return {
    attempts,
    begin,
    beginAt,
    calls,
    client,
    edge,
    ended,
    facts,
    kernel,
    received,
    routing,
    run,
    servers,
  };
}
