/**
 * What a Service's EndpointSlices say of one pod.
 * Source: podToEndpoint and getEndpointPorts in staging/src/k8s.io/endpointslice/utils.go, and
 * ShouldPodBeInEndpoints in util/controller_utils.go of v1.30.
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
  readonly service: Service;
  readonly endpoint: Endpoint;
}

/** By pod: a Service of hundreds is synced at every change of one of them. */
const madeEndpoints = new WeakMap<Pod, MadeEndpoint>();

/** The same object for the same pod, node and Service. */
export function podEndpoint(pod: Pod, node: Node | undefined, service: Service): Endpoint {
  const known = madeEndpoints.get(pod);
  if (known !== undefined && known.node === node && known.service === service)
    return known.endpoint;
  const endpoint = newEndpoint(pod, node, service);
  madeEndpoints.set(pod, { node, service, endpoint });
  return endpoint;
}

function newEndpoint(pod: Pod, node: Node | undefined, { spec }: Service): Endpoint {
  const serving = isPodReady(pod);
  const terminating = isTerminating(pod);
  const ready = spec.publishNotReadyAddresses === true || (serving && !terminating);
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

/** By the pod's containers, which all pods of a template share, and for the last Service asked. */
const portsOfContainers = new WeakMap<
  readonly Container[],
  { readonly service: Service; readonly ports: readonly EndpointPort[] }
>();

/**
 * The Service's ports as this pod has them: a named port may be another number in each pod. The
 * same object for pods of one template.
 */
export function endpointPorts(service: Service, pod: Pod): readonly EndpointPort[] {
  const { containers, initContainers } = pod.spec;
  if (initContainers !== undefined) return portsOf(service, pod);
  const known = portsOfContainers.get(containers);
  if (known?.service === service) return known.ports;
  const ports = portsOf(service, pod);
  portsOfContainers.set(containers, { service, ports });
  return ports;
}

function portsOf({ spec }: Service, pod: Pod): readonly EndpointPort[] {
  return (spec.ports ?? []).flatMap((servicePort) => {
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
