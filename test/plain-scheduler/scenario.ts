/**
 * A conformance scenario (docs/conformance.md) as plain Kubernetes objects. Nothing is defaulted but
 * what the format itself says: the namespace "default", and that a missing part is an empty one.
 */
import type * as core from "kubernetes-types/core/v1.d.ts";
import type * as meta from "kubernetes-types/meta/v1.d.ts";
import type * as policy from "kubernetes-types/policy/v1.d.ts";
import type * as storage from "kubernetes-types/storage/v1.d.ts";

export type { core, storage };

export type Labels = Readonly<Record<string, string>>;

export interface Metadata extends Omit<meta.ObjectMeta, "name" | "namespace" | "labels"> {
  name: string;
  namespace: string;
  labels: Labels;
}

type PartOf<T, Key extends string> = T extends { [K in Key]?: infer Part }
  ? Partial<NonNullable<Part>>
  : object;

/** An object as it is written: every field of spec and status can be missing. */
type Written<T> = Omit<T, "metadata" | "spec" | "status"> & {
  metadata: Metadata;
  spec: PartOf<T, "spec">;
  status: PartOf<T, "status">;
};

export type Node = Written<core.Node>;
export type Pod = Written<core.Pod> & { spec: { containers: core.Container[] } };
export type Claim = Written<core.PersistentVolumeClaim>;
export type Volume = Written<core.PersistentVolume>;
export type StorageClass = Written<storage.StorageClass>;
export type Budget = Written<policy.PodDisruptionBudget>;
/** A ReplicaSet or StatefulSet. */
export type LabelledOwner = Written<{ spec?: { selector?: meta.LabelSelector } }>;

export interface Scenario {
  readonly name: string;
  readonly schedulerConfig: unknown;
  readonly nodes: readonly Node[];
  readonly namespaces: readonly Written<core.Namespace>[];
  readonly boundPods: readonly Pod[];
  readonly nominatedPods: readonly Pod[];
  readonly pendingPods: readonly Pod[];
  readonly services: readonly Written<core.Service>[];
  readonly replicationControllers: readonly Written<core.ReplicationController>[];
  readonly replicaSets: readonly LabelledOwner[];
  readonly statefulSets: readonly LabelledOwner[];
  readonly podDisruptionBudgets: readonly Budget[];
  /** Changed by binding, which also adds provisioned volumes. */
  readonly persistentVolumes: Volume[];
  /** Changed by binding. */
  readonly persistentVolumeClaims: readonly Claim[];
  readonly storageClasses: readonly StorageClass[];
  readonly csiNodes: readonly Written<storage.CSINode>[];
  readonly csiDrivers: readonly Written<storage.CSIDriver>[];
  readonly csiStorageCapacities: readonly Written<storage.CSIStorageCapacity>[];
}

type Fields = Record<string, unknown>;

const LISTS: readonly (keyof Scenario)[] = [
  "nodes",
  "namespaces",
  "boundPods",
  "nominatedPods",
  "pendingPods",
  "services",
  "replicationControllers",
  "replicaSets",
  "statefulSets",
  "podDisruptionBudgets",
  "persistentVolumes",
  "persistentVolumeClaims",
  "storageClasses",
  "csiNodes",
  "csiDrivers",
  "csiStorageCapacities",
];

/** A copy of the scenario of a conformance line, with every list and part present. */
export function readScenario(raw: unknown): Scenario {
  const scenario = structuredClone(raw) as Fields;
  for (const list of LISTS) {
    const objects = (scenario[list] ?? []) as Fields[];
    scenario[list] = objects.map((object) => ({
      ...object,
      metadata: { namespace: "default", labels: {}, ...(object["metadata"] as Fields) },
      spec: { ...(list.endsWith("Pods") && { containers: [] }), ...(object["spec"] as Fields) },
      status: { ...(object["status"] as Fields) },
    }));
  }
  return scenario as unknown as Scenario;
}

/** namespace/name */
export const keyOf = ({ metadata }: { readonly metadata: Metadata }): string =>
  `${metadata.namespace}/${metadata.name}`;

/** corev1helpers.PodPriority */
export const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0;
