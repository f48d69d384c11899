/** The controllers of storage, in the kube-controller-manager and beside it, with their informers. */
import type {
  CSINode,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from "../api/index.ts";
import type { InformerFactory, SharedInformer } from "../client/index.ts";
import type { ControllersSettings } from "./controllers.ts";
import { EphemeralVolumeController } from "./ephemeral-volume-controller.ts";
import { PersistentVolumeController } from "./persistent-volume-controller.ts";
import { VolumeProvisioner } from "./volume-provisioner.ts";

/** What they share with other controllers. */
interface SharedInformers {
  readonly pods: SharedInformer<Pod>;
  readonly nodes: SharedInformer<Node>;
}

/** Builds them; each has a client of its own. */
export function createStorageControllers(
  { kernel, clients, latency }: ControllersSettings,
  factory: InformerFactory,
  { pods, nodes }: SharedInformers,
): readonly { run(): void }[] {
  const { controllerSync, volumeProvision } = latency;
  const claims = factory.informer<PersistentVolumeClaim>("PersistentVolumeClaim");
  const volumes = factory.informer<PersistentVolume>("PersistentVolume");
  const storageClasses = factory.informer<StorageClass>("StorageClass");
  const csiNodes = factory.informer<CSINode>("CSINode");
  const shared = { kernel, controllerSync, claims };
  return [
    new PersistentVolumeController({
      ...shared,
      client: clients.client("persistent-volume-binder"),
      volumes,
      storageClasses,
    }),
    new VolumeProvisioner({
      ...shared,
      client: clients.client("csi-provisioner"),
      volumes,
      storageClasses,
      csiNodes,
      nodes,
      volumeProvision,
    }),
    new EphemeralVolumeController({
      ...shared,
      client: clients.client("ephemeral-volume-controller"),
      pods,
    }),
  ];
}
