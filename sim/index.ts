export { Cluster, type ClusterPolicies } from "./cluster.ts";
export { type Fault, type FaultKind, faultKinds } from "./faults.ts";
export { type ClusterOptions, defaultClusterOptions } from "./options/index.ts";
export type { Operation, OperationVerb } from "./users/index.ts";
