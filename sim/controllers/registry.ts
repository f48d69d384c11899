/**
 * The controllers of the kube-controller-manager, by the names that its flag --controllers takes
 * (cmd/kube-controller-manager/names/controller_names.go of v1.30), in the order in which it makes
 * them. A new controller is one line here.
 */
import type { ControllerClass } from "./controller.ts";
import { CronJobController } from "./cron-job-controller.ts";
import { DaemonSetController } from "./daemon-set-controller.ts";
import { DeploymentController } from "./deployment-controller.ts";
import { DisruptionController } from "./disruption-controller.ts";
import { EndpointSliceController } from "./endpoint-slice-controller.ts";
import { EphemeralVolumeController } from "./ephemeral-volume-controller.ts";
import { GarbageCollector } from "./garbage-collector.ts";
import { HorizontalPodAutoscalerController } from "./horizontal-pod-autoscaler-controller.ts";
import { JobController } from "./job-controller.ts";
import { NamespaceController } from "./namespace-controller.ts";
import { NodeLifecycleController } from "./node-lifecycle-controller.ts";
import { PersistentVolumeController } from "./persistent-volume-controller.ts";
import { PodGarbageCollector } from "./pod-garbage-collector.ts";
import { ReplicaSetController } from "./replica-set-controller.ts";
import { ResourceQuotaController } from "./resource-quota-controller.ts";
import { ServiceAccountController } from "./service-account-controller.ts";
import { ServiceController } from "./service-controller.ts";
import { StatefulSetController } from "./stateful-set-controller.ts";
import { TaintEvictionController } from "./taint-eviction-controller.ts";
import { TtlAfterFinishedController } from "./ttl-after-finished-controller.ts";
import { VolumeProvisioner } from "./volume-provisioner.ts";

export const controllersByName: ReadonlyMap<string, ControllerClass> = new Map<
  string,
  ControllerClass
>([
  ["resourcequota-controller", ResourceQuotaController],
  ["serviceaccount-controller", ServiceAccountController],
  ["garbage-collector-controller", GarbageCollector],
  ["namespace-controller", NamespaceController],
  ["deployment-controller", DeploymentController],
  ["replicaset-controller", ReplicaSetController],
  ["daemonset-controller", DaemonSetController],
  ["job-controller", JobController],
  ["cronjob-controller", CronJobController],
  ["ttl-after-finished-controller", TtlAfterFinishedController],
  ["endpointslice-controller", EndpointSliceController],
  ["service-lb-controller", ServiceController], // the cloud's: of cloud-controller-manager in reality
  ["node-lifecycle-controller", NodeLifecycleController],
  ["taint-eviction-controller", TaintEvictionController],
  ["pod-garbage-collector-controller", PodGarbageCollector],
  ["disruption-controller", DisruptionController],
  ["statefulset-controller", StatefulSetController],
  ["persistentvolume-binder-controller", PersistentVolumeController],
  ["csi-provisioner", VolumeProvisioner], // the storage driver's: a process of its own in reality
  ["ephemeral-volume-controller", EphemeralVolumeController],
  ["horizontal-pod-autoscaler-controller", HorizontalPodAutoscalerController],
]);

export const allControllerNames: readonly string[] = [...controllersByName.keys()];

/** Whether --controllers enables the controller (controller-manager/app: IsControllerEnabled). */
export function isEnabled(name: string, wanted: readonly string[]): boolean {
  if (wanted.includes(name)) return true;
  if (wanted.includes(`-${name}`)) return false;
  return wanted.includes("*");
}
