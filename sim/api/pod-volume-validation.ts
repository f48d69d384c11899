/**
 * Validation of the volumes in a pod's spec: their names, and the sources that scheduling looks at.
 * Source: ValidateVolumes and validateVolumeSource in pkg/apis/core/validation/validation.go of v1.30.
 */
import { duplicate, forbidden, invalid, required } from "./field-error.ts";
import { validateFiles } from "./file-volume-validation.ts";
import type { FieldError } from "./kind.ts";
import { labelError } from "./name-format.ts";
import type { core } from "./objects.ts";
import { validateClaimTemplate, validateDriverName } from "./volume-validation.ts";

/** Appends the faults of a pod's volumes. */
export function validateVolumes(
  volumes: readonly core.Volume[],
  path: string,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  volumes.forEach((volume, i) => {
    const at = `${path}[${i}]`;
    const name = volume.name ?? "";
    if (name === "") errors.push(required(`${at}.name`));
    else {
      const error = labelError(name);
      if (error !== "") errors.push(invalid(`${at}.name`, name, error));
      if (seen.has(name)) errors.push(duplicate(`${at}.name`, name));
      seen.add(name);
    }
    validateSource(volume, at, errors);
  });
}

/** A volume without a source is an emptyDir (SetDefaults_Volume). */
function validateSource(volume: core.Volume, path: string, errors: FieldError[]): void {
  const sources = Object.entries(volume).filter(
    ([field, value]) => field !== "name" && value !== undefined,
  );
  for (const [field] of sources.slice(1)) {
    errors.push(forbidden(`${path}.${field}`, "may not specify more than 1 volume type"));
  }
  const [first] = sources;
  if (first === undefined) return;
  const at = `${path}.${first[0]}`;
  const { persistentVolumeClaim, ephemeral, csi } = volume;
  if (persistentVolumeClaim !== undefined) {
    present(persistentVolumeClaim.claimName, `${at}.claimName`, errors);
  } else if (ephemeral !== undefined) {
    validateClaimTemplate(ephemeral.volumeClaimTemplate, `${at}.volumeClaimTemplate`, errors);
  } else if (csi !== undefined) {
    validateDriverName(csi.driver, `${at}.driver`, errors);
    const { nodePublishSecretRef } = csi;
    if (nodePublishSecretRef !== undefined) {
      present(nodePublishSecretRef.name, `${at}.nodePublishSecretRef.name`, errors);
    }
  } else {
    validateDisk(volume, at, errors);
    validateFiles(volume, at, errors);
  }
}

/** The disks of certain clouds and networks, written into the pod. */
function validateDisk(volume: core.Volume, at: string, errors: FieldError[]): void {
  const { awsElasticBlockStore, gcePersistentDisk, azureDisk, rbd, iscsi } = volume;
  if (awsElasticBlockStore !== undefined) {
    present(awsElasticBlockStore.volumeID, `${at}.volumeID`, errors);
    byte(awsElasticBlockStore.partition, `${at}.partition`, errors);
  } else if (gcePersistentDisk !== undefined) {
    present(gcePersistentDisk.pdName, `${at}.pdName`, errors);
    byte(gcePersistentDisk.partition, `${at}.partition`, errors);
  } else if (azureDisk !== undefined) {
    present(azureDisk.diskName, `${at}.diskName`, errors);
    present(azureDisk.diskURI, `${at}.diskURI`, errors);
  } else if (rbd !== undefined) {
    if ((rbd.monitors ?? []).length === 0) errors.push(required(`${at}.monitors`));
    present(rbd.image, `${at}.image`, errors);
  } else if (iscsi !== undefined) {
    present(iscsi.targetPortal, `${at}.targetPortal`, errors);
    present(iscsi.iqn, `${at}.iqn`, errors);
    byte(iscsi.lun, `${at}.lun`, errors);
  }
}

function present(value: string | undefined, path: string, errors: FieldError[]): void {
  if (value === undefined || value === "") errors.push(required(path));
}

function byte(value: number | undefined, path: string, errors: FieldError[]): void {
  if (value !== undefined && (value < 0 || value > 255)) {
    errors.push(invalid(path, value, "must be between 0 and 255, inclusive"));
  }
}
