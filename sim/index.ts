export { Cluster, type ClusterPolicies } from "./cluster.ts";
export { type ClusterOptions, defaultClusterOptions } from "./options.ts";
export type { Operation } from "./users.ts";
