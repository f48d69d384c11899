/** The lists of objects that a scenario may have, by field. */

interface ObjectList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
}

const namespaced = (apiVersion: string, kind: string): ObjectList => ({
  apiVersion,
  kind,
  isNamespaced: true,
});
const clusterWide = (apiVersion: string, kind: string): ObjectList => ({
  apiVersion,
  kind,
  isNamespaced: false,
});

export const OBJECT_LISTS: ReadonlyMap<string, ObjectList> = new Map([
  ["nodes", clusterWide("v1", "Node")],
  ["boundPods", namespaced("v1", "Pod")],
  ["nominatedPods", namespaced("v1", "Pod")],
  ["pendingPods", namespaced("v1", "Pod")],
  ["namespaces", clusterWide("v1", "Namespace")],
  ["services", namespaced("v1", "Service")],
  ["replicationControllers", namespaced("v1", "ReplicationController")],
  ["replicaSets", namespaced("apps/v1", "ReplicaSet")],
  ["statefulSets", namespaced("apps/v1", "StatefulSet")],
  ["persistentVolumeClaims", namespaced("v1", "PersistentVolumeClaim")],
  ["persistentVolumes", clusterWide("v1", "PersistentVolume")],
  ["storageClasses", clusterWide("storage.k8s.io/v1", "StorageClass")],
  ["csiNodes", clusterWide("storage.k8s.io/v1", "CSINode")],
  ["csiDrivers", clusterWide("storage.k8s.io/v1", "CSIDriver")],
  ["csiStorageCapacities", namespaced("storage.k8s.io/v1", "CSIStorageCapacity")],
  ["podDisruptionBudgets", namespaced("policy/v1", "PodDisruptionBudget")],
]);
