/**
 * Kinds that Kubernetes 1.30 serves, or that many clusters have as custom resources, and that
 * nothing in the simulation looks at: a manifest of one is named to the user and left out.
 */

/** Kinds of Kubernetes itself, by API version. */
const BUILT_IN: Readonly<Record<string, string>> = {
  v1: "ComponentStatus ConfigMap Endpoints PodTemplate ReplicationController Secret",
  "admissionregistration.k8s.io/v1":
    "MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
  "apiextensions.k8s.io/v1": "CustomResourceDefinition",
  "apiregistration.k8s.io/v1": "APIService",
  "certificates.k8s.io/v1": "CertificateSigningRequest",
  "events.k8s.io/v1": "Event",
  "networking.k8s.io/v1": "NetworkPolicy",
  "node.k8s.io/v1": "RuntimeClass",
  "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
  "storage.k8s.io/v1": "VolumeAttachment",
};

/** Kinds of custom resources that run no pods and scale none, by API group, of any version. */
const CUSTOM: Readonly<Record<string, string>> = {
  "cert-manager.io": "Certificate CertificateRequest ClusterIssuer Issuer",
  "gateway.networking.k8s.io": "GRPCRoute Gateway GatewayClass HTTPRoute ReferenceGrant",
  "monitoring.coreos.com": "AlertmanagerConfig PodMonitor Probe PrometheusRule ServiceMonitor",
  "networking.istio.io": "DestinationRule Gateway ServiceEntry Sidecar VirtualService",
  "security.istio.io": "AuthorizationPolicy PeerAuthentication RequestAuthentication",
  "snapshot.storage.k8s.io": "VolumeSnapshot VolumeSnapshotClass VolumeSnapshotContent",
};

const builtIn = new Map<string, string>();
for (const [version, kinds] of Object.entries(BUILT_IN)) {
  for (const kind of kinds.split(" ")) builtIn.set(kind, version);
}
const custom: ReadonlySet<string> = new Set(
  Object.entries(CUSTOM).flatMap(([group, kinds]) =>
    kinds.split(" ").map((kind) => `${group}/${kind}`),
  ),
);

/** Kubernetes' own kinds that are ignored, with their API versions. */
export const ignoredKinds: ReadonlyMap<string, string> = builtIn;

/** Whether objects of this kind are known, and ignored. */
export function isIgnoredKind(apiVersion: string, kind: string): boolean {
  return builtIn.get(kind) === apiVersion || custom.has(`${groupOf(apiVersion)}/${kind}`);
}

/** `apps` of `apps/v1`; "" of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** Whether a group is none of Kubernetes' own: its kinds come from CustomResourceDefinitions. */
export function isCustomGroup(group: string): boolean {
  return group.includes(".") && !group.endsWith(".k8s.io");
}
