/** Service. Source: pkg/apis/core/v1/defaults.go and pkg/apis/core/validation of v1.30. */
import { oneOf, portNumber } from "../container-validation.ts";
import { duplicate, invalid, required } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { label1035Error, labelError, portNameError } from "../name-format.ts";
import { validateLabels, validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { core, Service } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { validateImmutable } from "../replicated-pods.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const POLICIES = ["Cluster", "Local"];
/** A client stays with its endpoint for three hours (DefaultClientIPServiceAffinitySeconds). */
const AFFINITY_SECONDS = 10_800;

export const serviceKind: Kind<Service> = {
  kind: "Service",
  apiVersion: "v1",
  resource: "services",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    Service: "apiVersion kind metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus",
    ServiceSpec:
      "allocateLoadBalancerNodePorts:bool clusterIP clusterIPs:string[] externalIPs:string[] externalName externalTrafficPolicy healthCheckNodePort:int internalTrafficPolicy ipFamilies:string[] ipFamilyPolicy loadBalancerClass loadBalancerIP loadBalancerSourceRanges:string[] ports:ServicePort[] publishNotReadyAddresses:bool selector:map sessionAffinity sessionAffinityConfig:any trafficDistribution type",
    ServicePort: "appProtocol name nodePort:int port:int protocol targetPort:intstr",
    ServiceStatus: "conditions:Condition[] loadBalancer:any",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as core.ServiceSpec;
    const type = spec.type ?? "ClusterIP";
    const defaulted: core.ServiceSpec = {
      ...spec,
      type,
      sessionAffinity: spec.sessionAffinity ?? "None",
    };
    if (spec.ports !== undefined) defaulted.ports = spec.ports.map(defaultPort);
    if (type !== "ExternalName")
      defaulted.internalTrafficPolicy = spec.internalTrafficPolicy ?? "Cluster";
    if (type === "NodePort" || type === "LoadBalancer") {
      defaulted.externalTrafficPolicy = spec.externalTrafficPolicy ?? "Cluster";
    }
    if (type === "LoadBalancer") {
      defaulted.allocateLoadBalancerNodePorts = spec.allocateLoadBalancerNodePorts ?? true;
    }
    if (defaulted.sessionAffinity === "ClientIP" && spec.sessionAffinityConfig === undefined) {
      defaulted.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } };
    }
    return {
      apiVersion: "v1",
      kind: "Service",
      metadata: given.metadata,
      spec: defaulted,
      status: (given.status ?? { loadBalancer: {} }) as Service["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true, nameError: label1035Error }, errors);
    const isPortless = spec.type === "ExternalName" || spec.clusterIP === "None";
    if ((spec.ports ?? []).length === 0 && !isPortless) errors.push(required("spec.ports"));
    validatePorts(spec.ports ?? [], errors);
    validateLabels(spec.selector, "spec.selector", errors);
    oneOf(spec.sessionAffinity, "spec.sessionAffinity", ["ClientIP", "None"], errors);
    oneOf(spec.type, "spec.type", TYPES, errors);
    if (spec.type === "ExternalName" && (spec.externalName ?? "") === "") {
      errors.push(required("spec.externalName"));
    }
    oneOf(spec.internalTrafficPolicy, "spec.internalTrafficPolicy", POLICIES, errors);
    oneOf(spec.externalTrafficPolicy, "spec.externalTrafficPolicy", POLICIES, errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    const oldIp = old.spec.clusterIP ?? "";
    if (oldIp !== "" && object.spec.type !== "ExternalName" && old.spec.type !== "ExternalName") {
      validateImmutable(object.spec.clusterIP, oldIp, "spec.clusterIP", errors);
    }
    return errors;
  },

  printerColumns: [
    { name: "TYPE", value: ({ spec }) => spec.type ?? "" },
    { name: "CLUSTER-IP", value: ({ spec }) => spec.clusterIP ?? "<none>" },
    { name: "PORT(S)", value: portsText },
    AGE,
  ],
};

function defaultPort(given: core.ServicePort): core.ServicePort {
  return {
    ...given,
    protocol: given.protocol ?? "TCP",
    targetPort: given.targetPort ?? given.port,
  };
}

function validatePorts(ports: readonly core.ServicePort[], errors: FieldError[]): void {
  const names = new Set<string>();
  const taken = new Set<string>();
  ports.forEach(({ name = "", port, protocol = "TCP", targetPort }, i) => {
    const path = `spec.ports[${i}]`;
    if (name === "") {
      if (ports.length > 1) errors.push(required(`${path}.name`));
    } else {
      const error = labelError(name);
      if (error !== "") errors.push(invalid(`${path}.name`, name, error));
      else if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
      names.add(name);
    }
    portNumber(port ?? 0, `${path}.port`, errors);
    oneOf(protocol, `${path}.protocol`, PROTOCOLS, errors);
    if (typeof targetPort === "number") portNumber(targetPort, `${path}.targetPort`, errors);
    else if (targetPort !== undefined) {
      const error = portNameError(targetPort);
      if (error !== "") errors.push(invalid(`${path}.targetPort`, targetPort, error));
    }
    const pair = `${protocol}/${port}`;
    if (taken.has(pair)) errors.push(duplicate(path, pair));
    taken.add(pair);
  });
}

function portsText({ spec }: Service): string {
  const texts = (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
  );
  return texts.length === 0 ? "<none>" : texts.join(",");
}
