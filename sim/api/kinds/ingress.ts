/** Ingress. Source: pkg/apis/networking/validation, pkg/registry/networking/ingress of v1.30. */
import { invalid } from "../field-error.ts";
import { validateIngressSpec } from "../ingress-validation.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { Ingress, networking } from "../objects.ts";
import { AGE } from "../printer-text.ts";

/** The annotation that named the class before spec.ingressClassName did. */
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
/** Hosts, and characters of an address, that a table shows (pkg/printers/internalversion). */
const HOSTS_SHOWN = 3;
const ADDRESS_SHOWN = 16;

export const ingressKind: Kind<Ingress> = {
  kind: "Ingress",
  apiVersion: "networking.k8s.io/v1",
  resource: "ingresses",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    Ingress: "apiVersion kind metadata:ObjectMeta spec:IngressSpec status:IngressStatus",
    IngressSpec:
      "defaultBackend:IngressBackend ingressClassName rules:IngressRule[] tls:IngressTLS[]",
    IngressBackend: "resource:TypedLocalObjectReference(atomic) service:IngressServiceBackend",
    TypedLocalObjectReference: "apiGroup kind name",
    IngressServiceBackend: "name port:ServiceBackendPort(atomic)",
    ServiceBackendPort: "name number:int",
    IngressRule: "host http:HTTPIngressRuleValue",
    HTTPIngressRuleValue: "paths:HTTPIngressPath[]",
    HTTPIngressPath: "backend:IngressBackend path pathType",
    IngressTLS: "hosts:string[] secretName",
    IngressStatus: "loadBalancer:any",
  },

  defaults(given) {
    return {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: given.metadata,
      spec: (given.spec ?? {}) as networking.IngressSpec,
      status: (given.status ?? { loadBalancer: {} }) as networking.IngressStatus,
    };
  },

  validate({ metadata, spec }, stored) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validateIngressSpec(spec, errors);
    const named = metadata.annotations?.[CLASS_ANNOTATION];
    const { ingressClassName } = spec;
    const isNew = stored === undefined; // asked at creation only (ValidateIngressCreate)
    const areTwo = named !== undefined && ingressClassName !== undefined;
    if (isNew && areTwo && named !== ingressClassName) {
      const why = "must match `ingressClassName` when both are specified";
      errors.push(invalid(`annotations.${CLASS_ANNOTATION}`, named, why));
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  printerColumns: [
    { name: "CLASS", value: ({ spec }) => spec.ingressClassName ?? "<none>" },
    { name: "HOSTS", value: hostsText },
    { name: "ADDRESS", value: addressText },
    { name: "PORTS", value: ({ spec }) => ((spec.tls ?? []).length > 0 ? "80, 443" : "80") },
    AGE,
  ],
};

function hostsText({ spec: { rules = [] } }: Ingress): string {
  const hosts = rules.flatMap(({ host = "" }) => (host === "" ? [] : [host]));
  if (hosts.length === 0) return "*";
  const shown = hosts.slice(0, HOSTS_SHOWN).join(",");
  const more = hosts.length - HOSTS_SHOWN;
  return more > 0 ? `${shown} + ${more} more...` : shown;
}

function addressText({ status }: Ingress): string {
  const places = status.loadBalancer?.ingress ?? [];
  const text = [...new Set(places.map(({ hostname, ip }) => ip || hostname || ""))]
    .filter((each) => each !== "")
    .sort()
    .join(",");
  return text.length > ADDRESS_SHOWN ? `${text.slice(0, ADDRESS_SHOWN - 3)}...` : text;
}
