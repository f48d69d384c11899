/**
 * Validation of a Service's spec.
 * Source: ValidateService in pkg/apis/core/validation/validation.go of v1.30. The API server has
 * given out addresses and ports before; where a manifest is validated without it they are missing,
 * and nothing is said of that.
 */
import { oneOf, portNumber } from "./container-validation.ts";
import { duplicate, forbidden, invalid, required } from "./field-error.ts";
import { ipError } from "./ip-address.ts";
import type { FieldError } from "./kind.ts";
import { labelError, portNameError, qualifiedNameError, subdomainError } from "./name-format.ts";
import { validateLabels } from "./object-meta.ts";
import type { core } from "./objects.ts";

type Spec = core.ServiceSpec;

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const POLICIES = ["Cluster", "Local"];
const FAMILIES = ["IPv4", "IPv6"];
const FAMILY_POLICIES = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const AFFINITY_SECONDS_MAX = 86_400;
/** pkg/cluster/ports: the kubelet's own port. */
const KUBELET_PORT = 10_250;

/** Appends the faults of a defaulted spec. */
export function validateServiceSpec(spec: Spec, errors: FieldError[]): void {
  const { type = "ClusterIP", ports = [] } = spec;
  const isPortless = type === "ExternalName" || spec.clusterIP === "None";
  if (ports.length === 0 && !isPortless) errors.push(required("spec.ports"));
  validateType(spec, errors);
  validatePorts(ports, errors);
  validateLabels(spec.selector, "spec.selector", errors);
  oneOf(spec.sessionAffinity, "spec.sessionAffinity", ["ClientIP", "None"], errors);
  validateAffinity(spec, errors);
  oneOf(type, "spec.type", TYPES, errors);
  if (type !== "ExternalName") validateClusterIps(spec, errors);
  (spec.externalIPs ?? []).forEach((ip, i) => {
    const error = ipError(ip);
    if (error !== "") errors.push(invalid(`spec.externalIPs[${i}]`, ip, error));
  });
  validateNodePorts(spec, errors);
  validateBalancer(spec, errors);
  validateTraffic(spec, errors);
}

/** What a type does not go with. */
function validateType(spec: Spec, errors: FieldError[]): void {
  const { type, ports = [] } = spec;
  if (type === "LoadBalancer") {
    ports.forEach(({ port }, i) => {
      if (port !== KUBELET_PORT) return;
      const detail = `may not expose port ${port} externally since it is used by kubelet`;
      errors.push(invalid(`spec.ports[${i}]`, port, detail));
    });
  }
  if ((type === "LoadBalancer" || type === "NodePort") && spec.clusterIP === "None") {
    const detail = `may not be set to 'None' for ${type} services`;
    errors.push(invalid("spec.clusterIPs[0]", "None", detail));
  }
  if (type !== "ExternalName") return;
  const detail = "may not be set for ExternalName services";
  if ((spec.clusterIP ?? "") !== "" || (spec.clusterIPs ?? []).length > 0)
    errors.push(forbidden("spec.clusterIPs", detail));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden("spec.ipFamilies", detail));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden("spec.ipFamilyPolicy", detail));
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  const error = name === "" ? "" : subdomainError(name);
  if (name === "") errors.push(required("spec.externalName"));
  else if (error !== "") errors.push(invalid("spec.externalName", name, error));
}

function validatePorts(ports: readonly core.ServicePort[], errors: FieldError[]): void {
  const names = new Set<string>();
  const taken = new Set<string>();
  ports.forEach(({ name = "", port, protocol = "TCP", targetPort, appProtocol }, i) => {
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
    const fault = appProtocol === undefined ? "" : qualifiedNameError(appProtocol);
    if (fault !== "") errors.push(invalid(`${path}.appProtocol`, appProtocol, fault));
    const pair = `${protocol}/${port}`;
    if (taken.has(pair)) errors.push(duplicate(path, pair));
    taken.add(pair);
  });
}

function validateAffinity(spec: Spec, errors: FieldError[]): void {
  const { sessionAffinityConfig: config, sessionAffinity } = spec;
  const at = "spec.sessionAffinityConfig";
  if (config === undefined) return;
  if (sessionAffinity === "None") {
    errors.push(forbidden(at, "must not be set when session affinity is None"));
    return;
  }
  const seconds = config.clientIP?.timeoutSeconds;
  if (sessionAffinity !== "ClientIP") return;
  if (seconds === undefined) {
    const detail = `when session affinity type is ${sessionAffinity}`;
    errors.push(required(`${at}.clientIP`, detail));
  } else if (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX) {
    const detail = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`;
    errors.push(invalid(`${at}.clientIP.timeoutSeconds`, seconds, detail));
  }
}

/** ValidateServiceClusterIPsRelatedFields */
function validateClusterIps(spec: Spec, errors: FieldError[]): void {
  const { clusterIP = "", ipFamilies = [], ipFamilyPolicy } = spec;
  const given = spec.clusterIPs ?? [];
  const ips = given.length > 0 || clusterIP === "" ? given : [clusterIP];
  if (clusterIP === "" && given.length > 0) {
    const detail = "must be empty when `clusterIP` is not specified";
    errors.push(invalid("spec.clusterIPs", given, detail));
  } else if (clusterIP !== "" && ips[0] !== clusterIP) {
    const detail = "first value must match `clusterIP`";
    errors.push(invalid("spec.clusterIPs", given, detail));
  }
  if (ipFamilyPolicy !== undefined)
    oneOf(ipFamilyPolicy, "spec.ipFamilyPolicy", FAMILY_POLICIES, errors);
  ipFamilies.forEach((family, i) => {
    const path = `spec.ipFamilies[${i}]`;
    oneOf(family, path, FAMILIES, errors);
    if (ipFamilies.indexOf(family) < i) errors.push(duplicate(path, family));
  });
  ips.forEach((ip, i) => {
    const path = `spec.clusterIPs[${i}]`;
    if (ip === "None") {
      if (i > 0 || ips.length > 1)
        errors.push(invalid(path, ips, "'None' must be the first and only value"));
      return;
    }
    const error = ipError(ip);
    if (error !== "") errors.push(invalid(path, ip, error));
  });
  if (ips.length > 2) errors.push(invalid("spec.clusterIPs", ips, "may only hold up to 2 values"));
}

function validateNodePorts(spec: Spec, errors: FieldError[]): void {
  const { type = "ClusterIP", ports = [] } = spec;
  const isExternal = type === "NodePort" || type === "LoadBalancer";
  const taken = new Set<string>();
  ports.forEach(({ nodePort = 0, protocol = "TCP" }, i) => {
    if (nodePort === 0) return;
    const path = `spec.ports[${i}].nodePort`;
    if (!isExternal) {
      errors.push(forbidden(path, `may not be used when \`type\` is '${type}'`));
      return;
    }
    const pair = `${protocol}/${nodePort}`;
    if (taken.has(pair)) errors.push(duplicate(path, nodePort));
    taken.add(pair);
  });
}

const ONLY_BALANCER = "may only be used when `type` is 'LoadBalancer'";

function validateBalancer(spec: Spec, errors: FieldError[]): void {
  const { loadBalancerClass, loadBalancerSourceRanges, allocateLoadBalancerNodePorts } = spec;
  if (spec.type !== "LoadBalancer") {
    if ((loadBalancerSourceRanges ?? []).length > 0)
      errors.push(forbidden("spec.loadBalancerSourceRanges", ONLY_BALANCER));
    if (allocateLoadBalancerNodePorts !== undefined)
      errors.push(forbidden("spec.allocateLoadBalancerNodePorts", ONLY_BALANCER));
    if (loadBalancerClass !== undefined)
      errors.push(forbidden("spec.loadBalancerClass", ONLY_BALANCER));
    return;
  }
  const error = loadBalancerClass === undefined ? "" : qualifiedNameError(loadBalancerClass);
  if (error !== "") errors.push(invalid("spec.loadBalancerClass", loadBalancerClass, error));
}

function validateTraffic(spec: Spec, errors: FieldError[]): void {
  const { type = "ClusterIP", externalTrafficPolicy, healthCheckNodePort = 0 } = spec;
  const isExternal = type === "NodePort" || type === "LoadBalancer";
  const isReachable = isExternal || (type === "ClusterIP" && (spec.externalIPs ?? []).length > 0);
  if (externalTrafficPolicy !== undefined && !isReachable) {
    const detail = "may only be set for externally-accessible services";
    errors.push(invalid("spec.externalTrafficPolicy", externalTrafficPolicy, detail));
  } else oneOf(externalTrafficPolicy, "spec.externalTrafficPolicy", POLICIES, errors);
  const needsCheck = type === "LoadBalancer" && externalTrafficPolicy === "Local";
  if (healthCheckNodePort !== 0) {
    const path = "spec.healthCheckNodePort";
    if (needsCheck) portNumber(healthCheckNodePort, path, errors);
    else {
      const detail =
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
      errors.push(invalid(path, healthCheckNodePort, detail));
    }
  }
  oneOf(spec.internalTrafficPolicy, "spec.internalTrafficPolicy", POLICIES, errors);
  oneOf(spec.trafficDistribution, "spec.trafficDistribution", ["PreferClose"], errors);
}
