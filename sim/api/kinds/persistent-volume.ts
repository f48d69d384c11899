/** PersistentVolume. Source: pkg/apis/core/v1/defaults.go and pkg/apis/core/validation of v1.30. */
import { validateNodeSelector } from "../affinity-validation.ts";
import { forbidden, required, unsupported } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { canonicalJson } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { core, PersistentVolume } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { validateImmutable } from "../replicated-pods.ts";
import { semanticallyEqual } from "../semantic-equal.ts";
import {
  accessModesText,
  validateAccessModes,
  validateAttributesClassUpdate,
  validateClassName,
  validateDriverName,
  validateSize,
  validateVolumeMode,
} from "../volume-validation.ts";

const RECLAIM_POLICIES = ["Delete", "Recycle", "Retain"];

/** The fields of the spec that say what the volume is stored on; exactly one is set. */
export const VOLUME_SOURCES = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
] as const;

export const persistentVolumeKind: Kind<PersistentVolume> = {
  kind: "PersistentVolume",
  apiVersion: "v1",
  resource: "persistentvolumes",
  namespaced: false,
  fields: ["spec", "status"],
  fieldTypes: {
    PersistentVolume:
      "apiVersion kind metadata:ObjectMeta spec:PersistentVolumeSpec status:PersistentVolumeStatus",
    PersistentVolumeSpec:
      "accessModes:string[] awsElasticBlockStore:AWSElasticBlockStore azureDisk:AzureDisk ~azureFile:AzureFile capacity:quantities ~cephfs:CephFS cinder:Cinder claimRef:ObjectReference csi:CSIPersistentVolume ~fc:FC ~flexVolume:FlexVolume ~flocker:Flocker gcePersistentDisk:GCEPersistentDisk ~glusterfs:Glusterfs ~hostPath:HostPath iscsi:ISCSI local:LocalVolume ~mountOptions:string[] ~nfs:NFS nodeAffinity:VolumeNodeAffinity persistentVolumeReclaimPolicy ~photonPersistentDisk:PhotonPersistentDisk ~portworxVolume:Portworx ~quobyte:Quobyte rbd:RBD ~scaleIO:ScaleIO storageClassName ~storageos:StorageOS ~volumeAttributesClassName volumeMode ~vsphereVolume:VsphereVolume",
    CSIPersistentVolume:
      "~controllerExpandSecretRef:SecretReference ~controllerPublishSecretRef:SecretReference driver ~fsType ~nodeExpandSecretRef:SecretReference ~nodePublishSecretRef:SecretReference ~nodeStageSecretRef:SecretReference ~readOnly:bool ~volumeAttributes:map volumeHandle",
    VolumeNodeAffinity: "required:NodeSelector",
    PersistentVolumeStatus: "lastPhaseTransitionTime message phase reason",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as core.PersistentVolumeSpec;
    const status = (given.status ?? {}) as PersistentVolume["status"];
    return {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: given.metadata,
      spec: {
        ...spec,
        persistentVolumeReclaimPolicy: spec.persistentVolumeReclaimPolicy ?? "Retain",
        volumeMode: spec.volumeMode ?? "Filesystem",
      },
      status: status.phase === undefined ? { ...status, phase: "Pending" } : status,
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false }, errors);
    validateAccessModes(spec.accessModes, "spec.accessModes", "", errors);
    validateCapacity(spec.capacity as Record<string, string> | undefined, errors);
    const policy = spec.persistentVolumeReclaimPolicy ?? "Retain";
    if (!RECLAIM_POLICIES.includes(policy)) {
      errors.push(unsupported("spec.persistentVolumeReclaimPolicy", policy, RECLAIM_POLICIES));
    }
    validateAffinity(spec.nodeAffinity, errors);
    validateSource(spec, errors);
    validateClassName(spec.storageClassName, "spec.storageClassName", errors);
    validateVolumeMode(spec.volumeMode, "spec.volumeMode", errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    for (const source of VOLUME_SOURCES) {
      if (semanticallyEqual(object.spec[source], old.spec[source])) continue;
      const detail = "spec.persistentvolumesource is immutable after creation";
      errors.push(forbidden("spec.persistentvolumesource", detail));
      break;
    }
    // The paths of these two lack the spec in the real API too.
    validateImmutable(object.spec.volumeMode, old.spec.volumeMode, "volumeMode", errors);
    const { nodeAffinity } = old.spec;
    if (nodeAffinity !== undefined && !semanticallyEqual(object.spec.nodeAffinity, nodeAffinity)) {
      const text = canonicalJson(object.spec.nodeAffinity);
      errors.push({
        path: "nodeAffinity",
        message: `Invalid value: ${text}: field is immutable`,
      });
    }
    validateAttributesClassUpdate(object.spec, old.spec, errors);
    return errors;
  },

  printerColumns: [
    { name: "CAPACITY", value: ({ spec }) => String(spec.capacity?.["storage"] ?? "") },
    { name: "ACCESS MODES", value: ({ spec }) => accessModesText(spec.accessModes) },
    { name: "RECLAIM POLICY", value: ({ spec }) => spec.persistentVolumeReclaimPolicy ?? "" },
    { name: "STATUS", value: phaseText },
    { name: "CLAIM", value: claimText },
    { name: "STORAGECLASS", value: ({ spec }) => spec.storageClassName ?? "" },
    {
      name: "VOLUMEATTRIBUTESCLASS",
      value: ({ spec }) => spec.volumeAttributesClassName ?? "<unset>",
    },
    { name: "REASON", value: ({ status }) => status.reason ?? "" },
    AGE,
  ],
};

function validateCapacity(
  capacity: Readonly<Record<string, string>> | undefined,
  errors: FieldError[],
): void {
  const names = Object.keys(capacity ?? {});
  if (capacity === undefined || names.length === 0) {
    errors.push(required("spec.capacity"));
    return;
  }
  if (capacity["storage"] === undefined || names.length > 1) {
    errors.push(unsupported("spec.capacity", capacity, ["storage"]));
  }
  for (const name of names) {
    validateSize(capacity[name] ?? "", `spec.capacity[${name}]`, true, errors);
  }
}

function validateAffinity(
  affinity: core.VolumeNodeAffinity | undefined,
  errors: FieldError[],
): void {
  if (affinity === undefined) return;
  if (affinity.required === undefined) {
    const detail = "must specify required node constraints";
    errors.push(required("spec.nodeAffinity.required", detail));
  } else validateNodeSelector(affinity.required, "spec.nodeAffinity.required", errors);
}

function validateSource(spec: core.PersistentVolumeSpec, errors: FieldError[]): void {
  const sources = VOLUME_SOURCES.filter((source) => spec[source] !== undefined);
  if (sources.length === 0) errors.push(required("spec", "must specify a volume type"));
  for (const source of sources.slice(1)) {
    errors.push(forbidden(`spec.${source}`, "may not specify more than 1 volume type"));
  }
  const { csi, hostPath, local } = spec;
  if (csi !== undefined) {
    validateDriverName(csi.driver, "spec.csi.driver", errors);
    if ((csi.volumeHandle ?? "") === "") errors.push(required("spec.csi.volumeHandle"));
  }
  if (hostPath !== undefined && (hostPath.path ?? "") === "") {
    errors.push(required("spec.hostPath.path"));
  }
  if (local === undefined) return;
  if ((local.path ?? "") === "") errors.push(required("spec.local.path"));
  if (spec.nodeAffinity === undefined) {
    const detail = "Local volume requires node affinity";
    errors.push(required("metadata.annotations", detail));
  }
}

function phaseText({ metadata, status }: PersistentVolume): string {
  return metadata.deletionTimestamp === undefined ? (status.phase ?? "") : "Terminating";
}

function claimText({ spec }: PersistentVolume): string {
  const { claimRef } = spec;
  return claimRef === undefined ? "" : `${claimRef.namespace ?? ""}/${claimRef.name ?? ""}`;
}
