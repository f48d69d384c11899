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

export function podEndpoint(pod: Pod, node: Node | undefined, { spec }: Service): Endpoint {
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

/** The Service's ports as this pod has them: a named port may be another number in each pod. */
export function endpointPorts({ spec }: Service, pod: Pod): EndpointPort[] {
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
