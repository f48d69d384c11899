/**
 * Validation of the volumes that a container mounts, as files and as block devices.
 * Source: ValidateVolumeMounts and ValidateVolumeDevices in
 * pkg/apis/core/validation/validation.go of v1.30.
 */
import { forbidden, invalid, notFound, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import type { Container, core } from "./objects.ts";

const PROPAGATIONS = ["Bidirectional", "HostToContainer", "None"];
const NO_BACKSTEPS = "must not contain '..'";

/** Appends the faults of a container's volumeMounts and volumeDevices. */
export function validateMounts(
  container: Container,
  path: string,
  volumes: readonly core.Volume[],
  errors: FieldError[],
): void {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const devicePaths = new Set(volumeDevices.map(({ devicePath }) => devicePath));
  const mountPaths = new Set<string>();
  volumeMounts.forEach((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    const { name, mountPath } = mount;
    if (name === undefined || name === "") errors.push(required(`${at}.name`));
    else if (!volumes.some((volume) => volume.name === name)) {
      errors.push(notFound(`${at}.name`, name));
    }
    if (mountPath === undefined || mountPath === "") errors.push(required(`${at}.mountPath`));
    else if (mountPaths.has(mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mountPath, "must be unique"));
    } else if (devicePaths.has(mountPath)) {
      const detail = "must not already exist in volumeDevices";
      errors.push(invalid(`${at}.mountPath`, mountPath, detail));
    }
    mountPaths.add(mountPath ?? "");
    validateSubPath(mount, at, errors);
    validatePropagation(mount, container, at, errors);
  });
  validateDevices(volumeDevices, `${path}.volumeDevices`, { volumes, mountPaths }, errors);
}

function validateSubPath(mount: core.VolumeMount, at: string, errors: FieldError[]): void {
  const { subPath = "", subPathExpr = "" } = mount;
  relativePath(subPath, `${at}.subPath`, errors);
  if (subPathExpr === "") return;
  if (subPath !== "") {
    const detail = "subPathExpr and subPath are mutually exclusive";
    errors.push(invalid(`${at}.subPathExpr`, subPathExpr, detail));
  }
  relativePath(subPathExpr, `${at}.subPathExpr`, errors);
}

/** Appends a fault when the path is absolute or leads upward; "" is allowed. */
export function relativePath(value: string, path: string, errors: FieldError[]): void {
  if (value.startsWith("/")) errors.push(invalid(path, value, "must be a relative path"));
  noBacksteps(value, path, errors);
}

/** Appends a fault when one of the path's steps is `..`. */
export function noBacksteps(value: string, path: string, errors: FieldError[]): void {
  if (value.split("/").includes("..")) errors.push(invalid(path, value, NO_BACKSTEPS));
}

function validatePropagation(
  { mountPropagation }: core.VolumeMount,
  { securityContext }: Container,
  at: string,
  errors: FieldError[],
): void {
  if (mountPropagation === undefined) return;
  const path = `${at}.mountPropagation`;
  if (!PROPAGATIONS.includes(mountPropagation)) {
    errors.push(unsupported(path, mountPropagation, PROPAGATIONS));
  } else if (mountPropagation === "Bidirectional" && securityContext?.privileged !== true) {
    const detail = "Bidirectional mount propagation is available only to privileged containers";
    errors.push(forbidden(path, detail));
  }
}

interface DeviceScope {
  readonly volumes: readonly core.Volume[];
  readonly mountPaths: ReadonlySet<string>;
}

function validateDevices(
  devices: readonly core.VolumeDevice[],
  path: string,
  { volumes, mountPaths }: DeviceScope,
  errors: FieldError[],
): void {
  const taken = new Set<string>();
  devices.forEach(({ name = "", devicePath = "" }, index) => {
    const at = `${path}[${index}]`;
    const volume = volumes.find((each) => each.name === name);
    if (name === "") errors.push(required(`${at}.name`));
    else if (volume === undefined) errors.push(notFound(`${at}.name`, name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const detail =
        "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
      errors.push(invalid(`${at}.name`, name, detail));
    }
    if (devicePath === "") errors.push(required(`${at}.devicePath`));
    else if (taken.has(devicePath)) {
      errors.push(invalid(`${at}.devicePath`, devicePath, "must be unique"));
    } else if (mountPaths.has(devicePath)) {
      const detail = "must not already exist in volumeMounts";
      errors.push(invalid(`${at}.devicePath`, devicePath, detail));
    }
    noBacksteps(devicePath, `${at}.devicePath`, errors);
    taken.add(devicePath);
  });
}
