/**
 * The EndpointSlice objects of a Service as the controller writes them: labels, annotation, owner.
 * Source: newEndpointSlice, setEndpointSliceLabels and addTriggerTimeAnnotation in
 * staging/src/k8s.io/endpointslice/utils.go of v1.30.
 */
import {
  areFieldsEqual,
  controllerRef,
  type EndpointSlice,
  type Manifest,
  type ObjectMeta,
  type Service,
  withFields,
} from "../api/index.ts";
import type { Bin, StoredSlice } from "./endpoint-packing.ts";
import type { EndpointPort } from "./pod-endpoint.ts";

const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const CONTROLLER_NAME = "endpointslice-controller.k8s.io";
const HEADLESS = "service.kubernetes.io/headless";
const TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

type Labels = Readonly<Record<string, string>>;

/** `namespace/name` of the Service whose slice the controller keeps; undefined for others'. */
export function serviceOfSlice({ metadata }: EndpointSlice): string | undefined {
  const { namespace, labels = {} } = metadata;
  const service = labels[SERVICE_NAME];
  const isKept = labels[MANAGED_BY] === CONTROLLER_NAME;
  return isKept && service !== undefined ? `${namespace}/${service}` : undefined;
}

const labelsOfServices = new WeakMap<Service, Labels>();

/** The Service's own labels, and the controller's. The same object for the same Service. */
export function sliceLabels(service: Service): Labels {
  let labels = labelsOfServices.get(service);
  if (labels === undefined) {
    const headless = service.spec.clusterIP === "None" ? { [HEADLESS]: "" } : {};
    const { name, labels: own } = service.metadata;
    labels = { ...own, ...headless, [SERVICE_NAME]: name, [MANAGED_BY]: CONTROLLER_NAME };
    labelsOfServices.set(service, labels);
  }
  return labels;
}

/** Whether the slice has the labels that it should have. */
function isManaged({ metadata }: EndpointSlice, service: Service): boolean {
  return areFieldsEqual(metadata.labels ?? {}, sliceLabels(service));
}

/** A new slice. `trigger`: when the change came about that it tells of; "": it is not known. */
export function newSlice(service: Service, { ports, endpoints }: Bin, trigger: string): Manifest {
  const { name, namespace } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: sliceLabels(service) as Record<string, string>,
      ...(trigger === "" ? {} : { annotations: { [TRIGGER_TIME]: trigger } }),
      ownerReferences: [controllerRef(service)],
    },
    addressType: "IPv4",
    ports,
    endpoints,
  };
}

/** The slice with other content. */
export function sliceWith(
  slice: EndpointSlice,
  service: Service,
  { ports, endpoints }: Bin,
  trigger: string,
): EndpointSlice {
  const labels = sliceLabels(service) as Record<string, string>;
  const metadata = withTrigger(slice.metadata, labels, trigger);
  return { ...slice, metadata, ports: ports as EndpointPort[], endpoints };
}

function withTrigger(
  metadata: Readonly<ObjectMeta>,
  labels: Record<string, string>,
  trigger: string,
): ObjectMeta {
  const { annotations } = metadata;
  if (trigger !== "")
    return withFields(metadata, {
      labels,
      annotations: { ...annotations, [TRIGGER_TIME]: trigger },
    });
  if (annotations?.[TRIGGER_TIME] === undefined) return withFields(metadata, { labels });
  const { [TRIGGER_TIME]: _time, ...others } = annotations;
  return withFields(metadata, { labels, annotations: others });
}

/** What is compared of a slice. */
export function storedSlice(slice: EndpointSlice, service: Service): StoredSlice {
  return {
    name: slice.metadata.name,
    ports: slice.ports ?? NO_PORTS,
    endpoints: slice.endpoints,
    isRelabelled: slice.metadata.labels !== sliceLabels(service) && !isManaged(slice, service),
  };
}

const NO_PORTS: readonly never[] = [];
