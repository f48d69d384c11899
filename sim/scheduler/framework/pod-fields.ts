/** The pod fields that a plugin can claim to read. */

/** Every field that a plugin with a locality of `spec` or `node` can read. */
export const ALL_POD_FIELDS = [
  "namespace",
  "labels",
  "annotations",
  "ownerReferences",
  "priority",
  "requests", // containers' and init containers' resources, overhead
  "nodeSelector",
  "affinity", // all of it; or the part that is read:
  "nodeAffinity",
  "podAffinity", // podAffinity and podAntiAffinity
  "tolerations",
  "nodeName",
  "hostPorts",
  "images",
  "schedulingGates",
  "topologySpreadConstraints",
  "volumes",
] as const;

/** Pod fields that a plugin can claim to read; `reads` defaults to all. Never name, uid, times. */
export type PodField = (typeof ALL_POD_FIELDS)[number];
