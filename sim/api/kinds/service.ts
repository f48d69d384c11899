/** Service. Source: pkg/apis/core/v1/defaults.go and pkg/apis/core/validation of v1.30. */
import { oneOf, portNumber } from "../container-validation.ts";
import { duplicate, forbidden, invalid, required } from "../field-error.ts";
import { ipError } from "../ip-address.ts";
import type { FieldError, Kind } from "../kind.ts";
import { label1035Error, labelError, portNameError } from "../name-format.ts";
import { validateLabels, validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { core, Service } from "../objects.ts";
import { AGE } from "../printer-text.ts";

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
      "~allocateLoadBalancerNodePorts=true:bool clusterIP ~clusterIPs:string[] ~externalIPs:string[] ~externalName ~externalTrafficPolicy=Cluster ~healthCheckNodePort:int internalTrafficPolicy ipFamilies:string[] ~ipFamilyPolicy=SingleStack ~loadBalancerClass ~loadBalancerIP ~loadBalancerSourceRanges:string[] ports:ServicePort[port,protocol] publishNotReadyAddresses:bool selector:map(atomic) sessionAffinity sessionAffinityConfig:SessionAffinityConfig ~trafficDistribution type",
    SessionAffinityConfig: "~clientIP:ClientIPConfig",
    ClientIPConfig: "timeoutSeconds:int",
    ServicePort: "appProtocol name ~nodePort:int port:int protocol targetPort:intstr",
    ServiceStatus: "conditions:Condition[type] loadBalancer:any",
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
    validateAccess(spec, errors);
    oneOf(spec.internalTrafficPolicy, "spec.internalTrafficPolicy", POLICIES, errors);
    oneOf(spec.externalTrafficPolicy, "spec.externalTrafficPolicy", POLICIES, errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    const { clusterIP = "", ipFamilies = [], loadBalancerClass, type } = object.spec;
    const oldIp = old.spec.clusterIP ?? "";
    if (hasClusterIp(object) && hasClusterIp(old)) {
      if (oldIp !== "" && clusterIP !== oldIp) {
        errors.push(invalid("spec.clusterIPs[0]", [clusterIP], "may not change once set"));
      }
      const oldFamily = old.spec.ipFamilies?.[0] ?? ipFamilies[0];
      if (ipFamilies.length > 0 && ipFamilies[0] !== oldFamily) {
        errors.push(invalid("spec.ipFamilies[0]", ipFamilies[0], "may not change once set"));
      }
    }
    const isBalanced = type === "LoadBalancer" && old.spec.type === "LoadBalancer";
    if (isBalanced && loadBalancerClass !== old.spec.loadBalancerClass) {
      const detail = "may not change once set";
      errors.push(invalid("spec.loadBalancerClass", loadBalancerClass, detail));
    }
    return errors;
  },

  /** pkg/registry/core/service: patchAllocatedValues and dropTypeDependentFields. */
  prepareForUpdate(object, old) {
    return withoutTypeDependent(withAllocated(object, old), old);
  },

  printerColumns: [
    { name: "TYPE", value: ({ spec }) => spec.type ?? "" },
    { name: "CLUSTER-IP", value: ({ spec }) => spec.clusterIP ?? "<none>" },
    { name: "PORT(S)", value: portsText },
    AGE,
  ],
};

/** What was allocated stays where the update leaves it out. */
function withAllocated(object: Service, old: Service): Service {
  const { clusterIP: oldIp = "" } = old.spec;
  if (oldIp === "" || (object.spec.clusterIP ?? "") !== "") return object;
  if (!hasClusterIp(object) || !hasClusterIp(old)) return object;
  return { ...object, spec: { ...object.spec, clusterIP: oldIp } };
}

/** What another type had, and this one does not, goes with the type unless the update changes it. */
function withoutTypeDependent(object: Service, old: Service): Service {
  const { type = "ClusterIP" } = object.spec;
  const { type: oldType = "ClusterIP" } = old.spec;
  if (type === oldType) return object;
  const spec = { ...object.spec };
  const drop = (...fields: (keyof core.ServiceSpec)[]): void => {
    for (const field of fields) if (spec[field] === old.spec[field]) delete spec[field];
  };
  if (type === "ExternalName") drop("clusterIP");
  if (oldType === "LoadBalancer") drop("allocateLoadBalancerNodePorts", "loadBalancerClass");
  if (type !== "NodePort" && type !== "LoadBalancer") {
    drop("externalTrafficPolicy", "healthCheckNodePort");
    const oldPorts = new Set(old.spec.ports?.map(({ nodePort }) => nodePort));
    if (spec.ports?.some(({ nodePort }) => nodePort !== undefined && oldPorts.has(nodePort))) {
      spec.ports = spec.ports.map(({ nodePort, ...port }) => port);
    }
  }
  return { ...object, spec };
}

function hasClusterIp({ spec }: Service): boolean {
  return spec.type !== "ExternalName";
}

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

const AFFINITY_SECONDS_MAX = 86_400;

/** How the Service can be reached, by its type (ValidateService). */
function validateAccess(spec: Service["spec"], errors: FieldError[]): void {
  const { type = "ClusterIP", ports = [], sessionAffinityConfig, externalIPs = [] } = spec;
  const isExternal = type === "NodePort" || type === "LoadBalancer";
  if (isExternal && spec.clusterIP === "None") {
    const detail = `may not be set to 'None' for ${type} services`;
    errors.push(invalid("spec.clusterIPs[0]", "None", detail));
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  const at = "spec.sessionAffinityConfig";
  if (sessionAffinityConfig !== undefined && spec.sessionAffinity === "None") {
    errors.push(forbidden(at, "must not be set when session affinity is None"));
  } else if (seconds !== undefined && (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX)) {
    const detail = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`;
    errors.push(invalid(`${at}.clientIP.timeoutSeconds`, seconds, detail));
  }
  externalIPs.forEach((ip, i) => {
    const error = ipError(ip);
    if (error !== "") errors.push(invalid(`spec.externalIPs[${i}]`, ip, error));
  });
  ports.forEach(({ nodePort }, i) => {
    if (nodePort === undefined || nodePort === 0 || isExternal) return;
    const detail = `may not be used when \`type\` is '${type}'`;
    errors.push(forbidden(`spec.ports[${i}].nodePort`, detail));
  });
  if (spec.externalTrafficPolicy !== undefined && !isExternal && externalIPs.length === 0) {
    const detail = "may only be set for externally-accessible services";
    errors.push(invalid("spec.externalTrafficPolicy", spec.externalTrafficPolicy, detail));
  }
  if (spec.loadBalancerClass !== undefined && type !== "LoadBalancer") {
    const detail = "may only be used when `type` is 'LoadBalancer'";
    errors.push(forbidden("spec.loadBalancerClass", detail));
  }
}

function portsText({ spec }: Service): string {
  const texts = (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
  );
  return texts.length === 0 ? "<none>" : texts.join(",");
}
