/** The types of Kubernetes objects by their kind. */
import type {
  ApiObject,
  CronJob,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Event,
  HorizontalPodAutoscaler,
  Ingress,
  Job,
  Lease,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  ResourceQuota,
  Service,
  StatefulSet,
} from "../sim/api/index.ts";

/** Kinds whose objects are typed; the others are {@link KubernetesObject}. */
export interface ObjectTypes {
  readonly CronJob: CronJob;
  readonly DaemonSet: DaemonSet;
  readonly Deployment: Deployment;
  readonly EndpointSlice: EndpointSlice;
  readonly Event: Event;
  readonly HorizontalPodAutoscaler: HorizontalPodAutoscaler;
  readonly Ingress: Ingress;
  readonly Job: Job;
  readonly Lease: Lease;
  readonly Namespace: Namespace;
  readonly Node: Node;
  readonly PersistentVolume: PersistentVolume;
  readonly PersistentVolumeClaim: PersistentVolumeClaim;
  readonly Pod: Pod;
  readonly PodDisruptionBudget: PodDisruptionBudget;
  readonly ReplicaSet: ReplicaSet;
  readonly ResourceQuota: ResourceQuota;
  readonly Service: Service;
  readonly StatefulSet: StatefulSet;
}

/** Any object of the store. */
export interface KubernetesObject extends ApiObject {
  readonly [field: string]: unknown;
}

/** `Pod`, `Deployment`, ...: every kind of the simulated API. */
export type KindName = keyof ObjectTypes | (string & {});

/** The type of a kind's objects. */
export type ObjectOf<Kind extends KindName> = Kind extends keyof ObjectTypes
  ? ObjectTypes[Kind]
  : KubernetesObject;
