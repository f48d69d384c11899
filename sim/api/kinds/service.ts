/** Service. Source: pkg/apis/core/v1/defaults.go and pkg/apis/core/validation of v1.30. */
import { invalid } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { label1035Error } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { core, Service } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { preparedService } from "../service-update.ts";
import { validateServiceSpec } from "../service-validation.ts";

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
      "allocateLoadBalancerNodePorts:bool clusterIP clusterIPs:string[] ~externalIPs:string[] externalName externalTrafficPolicy healthCheckNodePort:int internalTrafficPolicy ipFamilies:string[] ipFamilyPolicy loadBalancerClass loadBalancerIP ~loadBalancerSourceRanges:string[] ports:ServicePort[port,protocol] publishNotReadyAddresses:bool selector:map(atomic) sessionAffinity sessionAffinityConfig:SessionAffinityConfig trafficDistribution type",
    SessionAffinityConfig: "clientIP:ClientIPConfig",
    ClientIPConfig: "timeoutSeconds:int",
    ServicePort: "appProtocol name nodePort:int port:int protocol targetPort:intstr",
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
    validateServiceSpec(spec, errors);
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
    return preparedService(object, old);
  },

  printerColumns: [
    { name: "TYPE", value: ({ spec }) => spec.type ?? "" },
    { name: "CLUSTER-IP", value: ({ spec }) => spec.clusterIP ?? "<none>" },
    { name: "PORT(S)", value: portsText },
    AGE,
  ],
};

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

function portsText({ spec }: Service): string {
  const texts = (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
  );
  return texts.length === 0 ? "<none>" : texts.join(",");
}
