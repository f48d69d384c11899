/** A cluster whose pods stand ready behind a Service, and the requests that it is measured with. */
import { balancerByName } from "../../../policies/balance/index.ts";
import { profileByName } from "../../../policies/index.ts";
import type { Manifest } from "../../../sim/api/index.ts";
import { Cluster, type ClusterOptions, defaultClusterOptions } from "../../../sim/index.ts";
import {
  type ClientSettings,
  defaultClient,
  type ServiceModelSettings,
  type TrafficSettings,
} from "../../../sim/network/index.ts";

export interface RequestLoad {
  readonly nodes: number;
  /** Pods behind each Service. */
  readonly endpoints: number;
  readonly balancer: string;
  readonly client: Partial<ClientSettings>;
  /** Services that a request goes through, one calling the next: 1 or more. */
  readonly hops: number;
  /** Requests per second of virtual time, of those that begin a tree of calls. */
  readonly perSecond: number;
  /** Instead of the services' own. */
  readonly serviceTime?: string;
  /** All from one node, whose proxy then sees enough of them for its balancer to have something to balance. */
  readonly fromOneNode?: boolean;
}

const SECOND_US = 1_000_000;
/** When the pods are ready and the proxies know them. */
export const READY_US = 120 * SECOND_US;
/** CPU time of a request, and pods' places: a tenth of a core is busy in each pod at 20 requests a second. */
const SERVICE_TIME = "lognormal(p50=4ms, p99=20ms)";
const CONCURRENCY = 8;

/** No image is pulled and no client limit makes anything wait; no DNS, whose cost is its own. */
function options(): ClusterOptions {
  const clients = Object.fromEntries(
    Object.keys(defaultClusterOptions.clients).map((name) => [name, { qps: 0, burst: 0 }]),
  );
  const { dns, kubelet } = defaultClusterOptions;
  return {
    ...defaultClusterOptions,
    clients,
    dns: { ...dns, mode: "none" as const },
    kubelet: { ...kubelet, defaultImageBytes: 0 },
  };
}

/** The cluster at `READY_US`, all pods behind their Services. */
export function readyCluster(load: RequestLoad): Cluster {
  const { nodes, endpoints, hops, balancer } = load;
  const cluster = new Cluster(options(), {
    profiles: [profileByName("default")],
    balancer: balancerByName(balancer),
    balancerNamed: balancerByName,
  });
  const services = Array.from({ length: hops }, (_, i) => `s${i}`);
  cluster.bootstrap([
    ...Array.from({ length: nodes }, (_, i) => node(i)),
    ...services.map(service),
    ...services.flatMap((name) =>
      Array.from({ length: endpoints }, (_, i) => pod(name, i, i % nodes)),
    ),
  ]);
  cluster.setServiceModels(models(services, load));
  cluster.operations.close();
  cluster.start();
  cluster.run(READY_US);
  return cluster;
}

/** Adds so many requests, which begin now; all of them end some seconds after the last has begun. */
export function addRequests(cluster: Cluster, load: RequestLoad, requests: number): void {
  const { client, fromOneNode = false, perSecond, serviceTime = "" } = load;
  const { nowUs: startUs } = cluster.kernel;
  cluster.addTraffic({
    ...plainTraffic,
    from: fromOneNode ? "n0" : "random-node",
    addresses: fromOneNode ? 65_536 : 1, // for those that go by the client's address
    arrivals: `poisson(rate=${perSecond}/s)`,
    client: { ...defaultClient, ...client },
    serviceTime,
    startUs,
    requests,
  });
}

const plainTraffic = {
  name: "",
  service: "default/s0",
  port: "",
  ingress: undefined,
  clients: 0,
  thinkTime: "",
  keys: 0,
  keySkew: 0,
} satisfies Partial<TrafficSettings>;

function models(
  services: readonly string[],
  { client }: RequestLoad,
): Record<string, ServiceModelSettings> {
  const settings = services.map((name, i): [string, ServiceModelSettings] => {
    const next = services[i + 1];
    const call = {
      to: `default/${next}`,
      probability: 1,
      times: 1,
      cacheHits: 0,
      isOptional: false,
      client: { ...defaultClient, ...client },
    };
    const calls = next === undefined ? [] : [[call]];
    const own = { serviceTime: SERVICE_TIME, concurrency: CONCURRENCY, queueLimit: -1 };
    return [`default/${name}`, { ...own, cpu: 1, errors: 0, calls }];
  });
  return Object.fromEntries(settings);
}

function service(name: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { selector: { app: name }, ports: [{ port: 80 }] },
  };
}

function pod(app: string, i: number, nodeIndex: number): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${app}-${i}`, namespace: "default", labels: { app } },
    spec: {
      nodeName: `n${nodeIndex}`,
      containers: [
        { name: "main", image: "app:1", resources: { requests: { cpu: "1", memory: "1Gi" } } },
      ],
    },
  };
}

function node(i: number): Manifest {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `n${i}`, labels: { "topology.kubernetes.io/zone": `z${i % 3}` } },
    status: { allocatable: { cpu: "32", memory: "128Gi", pods: "256" } },
  };
}
