/**
 * What a Service's EndpointSlices say of one pod.
 * Source: podToEndpoint and getEndpointPorts in staging/src/k8s.io/endpointslice/utils.go, and
 * ShouldPodBeInEndpoints and ShouldSetHostname in util/controller_utils.go of v1.30.
 */
import type { Container, EndpointSlice, Node, Pod, Service } from "../api/index.ts";
import { isPodReady, isPodTerminal, isTerminating } from "./pod-state.ts";

export type Endpoint = EndpointSlice["endpoints"][number];
export type EndpointPort = NonNullable<EndpointSlice["ports"]>[number];

const ZONE = "topology.kubernetes.io/zone";

/** A pod with an address that has not ended; one that is being deleted stays, as terminating. */
export function belongsInEndpoints(pod: Pod): boolean {
  return !isPodTerminal(pod) && (pod.status.podIP ?? "") !== "";
}

interface MadeEndpoint {
  readonly node: Node | undefined;
  readonly isPublished: boolean;
  readonly hostname: string;
  readonly endpoint: Endpoint;
}

/** By pod: a Service of hundreds is compared as a whole now and then. */
const madeEndpoints = new WeakMap<Pod, MadeEndpoint>();

/** Mostly the same object for the same pod, node and Service. Without hints. */
export function podEndpoint(pod: Pod, node: Node | undefined, service: Service): Endpoint {
  const isPublished = service.spec.publishNotReadyAddresses === true;
  const hostname = hostnameOf(pod, service);
  const known = madeEndpoints.get(pod);
  if (known?.node === node && known?.isPublished === isPublished && known.hostname === hostname)
    return known.endpoint;
  const endpoint = newEndpoint(pod, node, isPublished);
  if (hostname !== "") endpoint.hostname = hostname;
  madeEndpoints.set(pod, { node, isPublished, hostname, endpoint });
  return endpoint;
}

/** The pod has a name of its own in the Service's domain, as those of a StatefulSet have. */
function hostnameOf({ spec, metadata }: Pod, service: Service): string {
  const isOwn =
    spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace;
  return isOwn ? (spec.hostname ?? "") : "";
}

function newEndpoint(pod: Pod, node: Node | undefined, isPublished: boolean): Endpoint {
  const serving = isPodReady(pod);
  const terminating = isTerminating(pod);
  const ready = isPublished || (serving && !terminating);
  const { name, namespace, uid } = pod.metadata;
  const endpoint: Endpoint = {
    addresses: [pod.status.podIP ?? ""],
    conditions: { ready, serving, terminating },
    targetRef: { kind: "Pod", namespace, name, uid },
  };
  const { nodeName } = pod.spec;
  if (nodeName !== undefined) endpoint.nodeName = nodeName;
  const zone = node?.metadata.labels?.[ZONE];
  if (zone !== undefined) endpoint.zone = zone;
  return endpoint;
}

type ServicePorts = NonNullable<Service["spec"]["ports"]>;
const NO_PORTS: ServicePorts = [];

/** By the Service's ports, then by the pod's containers, which all pods of a template share. */
const madePorts = new WeakMap<
  ServicePorts,
  WeakMap<readonly Container[], readonly EndpointPort[]>
>();

/**
 * The Service's ports as this pod has them: a named port may be another number in each pod, and is
 * left out where the pod has none of that name. The same object for pods of one template.
 */
export function endpointPorts({ spec }: Service, pod: Pod): readonly EndpointPort[] {
  const { ports = NO_PORTS } = spec;
  const { containers, initContainers } = pod.spec;
  if (initContainers !== undefined) return portsOf(ports, pod);
  let byContainers = madePorts.get(ports);
  if (byContainers === undefined) {
    byContainers = new WeakMap();
    madePorts.set(ports, byContainers);
  }
  let made = byContainers.get(containers);
  if (made === undefined) {
    made = portsOf(ports, pod);
    byContainers.set(containers, made);
  }
  return made;
}

function portsOf(ports: ServicePorts, pod: Pod): readonly EndpointPort[] {
  return ports.flatMap((servicePort) => {
    const { name = "", protocol = "TCP", targetPort = servicePort.port, appProtocol } = servicePort;
    const port = findPort(pod, targetPort, protocol);
    if (port === undefined) return [];
    return [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

/** FindPort in pkg/api/v1/pod/util.go. */
function findPort({ spec }: Pod, target: number | string, protocol: string): number | undefined {
  if (typeof target === "number") return target;
  const { containers, initContainers = [] } = spec;
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const { ports = [] } of [...containers, ...sidecars] satisfies Container[]) {
    for (const port of ports) {
      if (port.name === target && (port.protocol ?? "TCP") === protocol) return port.containerPort;
    }
  }
  return undefined;
}
