/** EndpointSlice. Source: pkg/apis/discovery/v1/defaults.go and pkg/apis/discovery/validation of v1.30. */
import { oneOf } from "../container-validation.ts";
import { validateEndpoints } from "../endpoint-validation.ts";
import { duplicate, invalid, required, tooMany } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { withGeneration } from "../metadata.ts";
import { labelError, qualifiedNameError } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { EndpointSlice } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { validateImmutable } from "../replicated-pods.ts";

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const PORTS_MAX = 20_000;

export const endpointSliceKind: Kind<EndpointSlice> = {
  kind: "EndpointSlice",
  apiVersion: "discovery.k8s.io/v1",
  resource: "endpointslices",
  namespaced: true,
  fields: ["addressType", "endpoints", "ports"],
  fieldTypes: {
    EndpointSlice:
      "apiVersion kind metadata:ObjectMeta addressType endpoints:Endpoint[] ports:EndpointPort[]",
    Endpoint:
      "addresses:string[] conditions:EndpointConditions ~deprecatedTopology:map ~hints:EndpointHints ~hostname nodeName targetRef:ObjectReference zone",
    EndpointHints: "forZones:ForZone[]",
    ForZone: "name",
    EndpointConditions: "ready:bool serving:bool terminating:bool",
    EndpointPort: "appProtocol name port:int protocol",
  },

  defaults(given) {
    const slice = given as unknown as Partial<EndpointSlice>;
    return {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: withGeneration(given.metadata),
      addressType: slice.addressType ?? "",
      endpoints: slice.endpoints ?? [],
      ports: (slice.ports ?? []).map((port) => ({
        ...port,
        name: port.name ?? "",
        protocol: port.protocol ?? "TCP",
      })),
    };
  },

  validate(slice) {
    const errors: FieldError[] = [];
    validateObjectMeta(slice.metadata, { namespaced: true }, errors);
    if (slice.addressType === "") errors.push(required("addressType"));
    else oneOf(slice.addressType, "addressType", ADDRESS_TYPES, errors);
    validateEndpoints(slice.endpoints, slice.addressType, errors);
    validatePorts(slice.ports ?? [], errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    validateImmutable(object.addressType, old.addressType, "addressType", errors);
    return errors;
  },

  printerColumns: [
    { name: "ADDRESSTYPE", value: ({ addressType }) => addressType },
    {
      name: "PORTS",
      value: ({ ports }) => ports?.map(({ port }) => String(port ?? "*")).join(",") || "<unset>",
    },
    {
      name: "ENDPOINTS",
      value: ({ endpoints }) =>
        endpoints.map(({ addresses }) => addresses[0] ?? "").join(",") || "<unset>",
    },
    AGE,
  ],
};

function validatePorts(ports: NonNullable<EndpointSlice["ports"]>, errors: FieldError[]): void {
  if (ports.length > PORTS_MAX) {
    errors.push(tooMany("ports", ports.length, PORTS_MAX));
    return;
  }
  const names = new Set<string>();
  ports.forEach(({ name = "", protocol, appProtocol }, i) => {
    const error = name === "" ? "" : labelError(name);
    if (error !== "") errors.push(invalid(`ports[${i}].name`, name, error));
    if (names.has(name)) errors.push(duplicate(`ports[${i}].name`, name));
    names.add(name);
    oneOf(protocol, `ports[${i}].protocol`, PROTOCOLS, errors);
    const fault = appProtocol === undefined ? "" : qualifiedNameError(appProtocol);
    if (fault !== "") errors.push(invalid(`ports[${i}].appProtocol`, appProtocol, fault));
  });
}
