/**
 * The objects of the simulated cluster: the real Kubernetes shapes (types of the package
 * kubernetes-types, v1.30), narrowed to what holds for every object in the store: metadata, spec
 * and status are present.
 *
 * Objects in the store are immutable: an update makes a new object that shares what did not change.
 */
import type * as apps from "kubernetes-types/apps/v1.d.ts";
import type * as autoscalingV1 from "kubernetes-types/autoscaling/v1.d.ts";
import type * as autoscaling from "kubernetes-types/autoscaling/v2.d.ts";
import type * as batch from "kubernetes-types/batch/v1.d.ts";
import type * as coordination from "kubernetes-types/coordination/v1.d.ts";
import type * as core from "kubernetes-types/core/v1.d.ts";
import type * as discovery from "kubernetes-types/discovery/v1.d.ts";
import type * as flowcontrol from "kubernetes-types/flowcontrol/v1.d.ts";
import type * as meta from "kubernetes-types/meta/v1.d.ts";
import type * as networking from "kubernetes-types/networking/v1.d.ts";
import type * as policy from "kubernetes-types/policy/v1.d.ts";
import type * as scheduling from "kubernetes-types/scheduling/v1.d.ts";
import type * as storage from "kubernetes-types/storage/v1.d.ts";

export type { autoscaling, batch, core, flowcontrol, meta, networking, storage };

/** Metadata as the API server keeps it. `namespace` is "" for what lives in no namespace. */
export interface ObjectMeta extends Omit<meta.ObjectMeta, "name" | "namespace" | "uid"> {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
}

/** What every object in the store has. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<ObjectMeta>;
}

type Stored<T, Kind extends string, ApiVersion extends string> = Omit<
  T,
  "kind" | "apiVersion" | "metadata" | "spec" | "status"
> & {
  readonly apiVersion: ApiVersion;
  readonly kind: Kind;
  readonly metadata: Readonly<ObjectMeta>;
};

export type PodSpec = core.PodSpec;
export type PodStatus = core.PodStatus;
export type PodCondition = core.PodCondition;
export type Container = core.Container;
export type PodTemplateSpec = core.PodTemplateSpec;
export type LabelSelector = meta.LabelSelector;
export type OwnerReference = meta.OwnerReference;
export type Taint = core.Taint;
export type Toleration = core.Toleration;

export type Pod = Stored<core.Pod, "Pod", "v1"> & {
  readonly spec: PodSpec;
  readonly status: PodStatus;
};
export type Node = Stored<core.Node, "Node", "v1"> & {
  readonly spec: core.NodeSpec;
  readonly status: core.NodeStatus;
};
export type Namespace = Stored<core.Namespace, "Namespace", "v1"> & {
  readonly spec: core.NamespaceSpec;
  readonly status: core.NamespaceStatus;
};
export type Service = Stored<core.Service, "Service", "v1"> & {
  readonly spec: core.ServiceSpec;
  readonly status: core.ServiceStatus;
};
export type Event = Stored<core.Event, "Event", "v1">;
export type ReplicaSet = Stored<apps.ReplicaSet, "ReplicaSet", "apps/v1"> & {
  readonly spec: apps.ReplicaSetSpec;
  readonly status: apps.ReplicaSetStatus;
};
export type Deployment = Stored<apps.Deployment, "Deployment", "apps/v1"> & {
  readonly spec: apps.DeploymentSpec;
  readonly status: apps.DeploymentStatus;
};
export type Job = Stored<batch.Job, "Job", "batch/v1"> & {
  readonly spec: batch.JobSpec;
  readonly status: batch.JobStatus;
};
export type CronJob = Stored<batch.CronJob, "CronJob", "batch/v1"> & {
  readonly spec: batch.CronJobSpec;
  readonly status: batch.CronJobStatus;
};
export type StatefulSet = Stored<apps.StatefulSet, "StatefulSet", "apps/v1"> & {
  readonly spec: apps.StatefulSetSpec;
  readonly status: apps.StatefulSetStatus;
};
export type DaemonSet = Stored<apps.DaemonSet, "DaemonSet", "apps/v1"> & {
  readonly spec: apps.DaemonSetSpec;
  readonly status: apps.DaemonSetStatus;
};
export type ControllerRevision = Stored<apps.ControllerRevision, "ControllerRevision", "apps/v1">;
export type HorizontalPodAutoscaler = Stored<
  autoscaling.HorizontalPodAutoscaler,
  "HorizontalPodAutoscaler",
  "autoscaling/v2"
> & {
  readonly spec: autoscaling.HorizontalPodAutoscalerSpec;
  readonly status: autoscaling.HorizontalPodAutoscalerStatus;
};
/** The scale subresource of a kind that has replicas; never stored. */
export type Scale = Stored<autoscalingV1.Scale, "Scale", "autoscaling/v1"> & {
  readonly spec: autoscalingV1.ScaleSpec;
  readonly status: autoscalingV1.ScaleStatus;
};
export type LimitRange = Stored<core.LimitRange, "LimitRange", "v1"> & {
  readonly spec: core.LimitRangeSpec;
};
export type ResourceQuota = Stored<core.ResourceQuota, "ResourceQuota", "v1"> & {
  readonly spec: core.ResourceQuotaSpec;
  readonly status: core.ResourceQuotaStatus;
};
export type ServiceAccount = Stored<core.ServiceAccount, "ServiceAccount", "v1">;
export type FlowSchema = Stored<
  flowcontrol.FlowSchema,
  "FlowSchema",
  "flowcontrol.apiserver.k8s.io/v1"
> & {
  readonly spec: flowcontrol.FlowSchemaSpec;
  readonly status: flowcontrol.FlowSchemaStatus;
};
export type PriorityLevelConfiguration = Stored<
  flowcontrol.PriorityLevelConfiguration,
  "PriorityLevelConfiguration",
  "flowcontrol.apiserver.k8s.io/v1"
> & {
  readonly spec: flowcontrol.PriorityLevelConfigurationSpec;
  readonly status: flowcontrol.PriorityLevelConfigurationStatus;
};
export type EndpointSlice = Stored<discovery.EndpointSlice, "EndpointSlice", "discovery.k8s.io/v1">;
export type Ingress = Stored<networking.Ingress, "Ingress", "networking.k8s.io/v1"> & {
  readonly spec: networking.IngressSpec;
  readonly status: networking.IngressStatus;
};
export type IngressClass = Stored<
  networking.IngressClass,
  "IngressClass",
  "networking.k8s.io/v1"
> & {
  readonly spec: networking.IngressClassSpec;
};
export type PodDisruptionBudget = Stored<
  policy.PodDisruptionBudget,
  "PodDisruptionBudget",
  "policy/v1"
> & {
  readonly spec: policy.PodDisruptionBudgetSpec;
  readonly status: policy.PodDisruptionBudgetStatus;
};
export type PriorityClass = Stored<
  scheduling.PriorityClass,
  "PriorityClass",
  "scheduling.k8s.io/v1"
>;
export type Lease = Stored<coordination.Lease, "Lease", "coordination.k8s.io/v1"> & {
  readonly spec: coordination.LeaseSpec;
};

export type PersistentVolume = Stored<core.PersistentVolume, "PersistentVolume", "v1"> & {
  readonly spec: core.PersistentVolumeSpec;
  readonly status: core.PersistentVolumeStatus;
};
export type PersistentVolumeClaim = Stored<
  core.PersistentVolumeClaim,
  "PersistentVolumeClaim",
  "v1"
> & {
  readonly spec: core.PersistentVolumeClaimSpec;
  readonly status: core.PersistentVolumeClaimStatus;
};
export type StorageClass = Stored<storage.StorageClass, "StorageClass", "storage.k8s.io/v1">;
export type CSINode = Stored<storage.CSINode, "CSINode", "storage.k8s.io/v1"> & {
  readonly spec: storage.CSINodeSpec;
};
export type CSIDriver = Stored<storage.CSIDriver, "CSIDriver", "storage.k8s.io/v1"> & {
  readonly spec: storage.CSIDriverSpec;
};
export type CSIStorageCapacity = Stored<
  storage.CSIStorageCapacity,
  "CSIStorageCapacity",
  "storage.k8s.io/v1"
>;

/**
 * An object on its way in: as a user or a controller writes it. What the server fills in (uid,
 * resourceVersion, creationTimestamp, status, defaults) may be missing.
 */
export interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: meta.ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly [field: string]: unknown;
}
