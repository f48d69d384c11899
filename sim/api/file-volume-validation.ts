/**
 * Validation of the volumes that hold files and nothing that scheduling looks at.
 * Source: validateVolumeSource in pkg/apis/core/validation/validation.go of v1.30.
 */
import { forbidden, invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { noBacksteps, relativePath } from "./mount-validation.ts";
import type { core } from "./objects.ts";
import { quantityError, quantitySign } from "./resource-amount.ts";

/** Fields that a source cannot do without. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  azureFile: ["secretName", "shareName"],
  cephfs: ["monitors"],
  cinder: ["volumeID"],
  configMap: ["name"],
  flexVolume: ["driver"],
  gitRepo: ["repository"],
  glusterfs: ["endpoints", "path"],
  hostPath: ["path"],
  nfs: ["server", "path"],
  photonPersistentDisk: ["pdID"],
  portworxVolume: ["volumeID"],
  scaleIO: ["gateway", "system", "volumeName"],
  secret: ["secretName"],
  vsphereVolume: ["volumePath"],
};
const HOST_PATH_TYPES = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];
const MODE_RANGE = "must be a number between 0 and 0777 (octal), both inclusive";
const MODE_MAX = 0o777;
const TOKEN_SECONDS_MIN = 600;

type Source = Readonly<Record<string, unknown>>;

/** Appends the faults of a volume's source; `at` is its path, which ends in the source's name. */
export function validateFiles(volume: core.Volume, at: string, errors: FieldError[]): void {
  const name = at.slice(at.lastIndexOf(".") + 1);
  const source = (volume as unknown as Record<string, Source>)[name] ?? {};
  for (const field of REQUIRED[name] ?? []) {
    const value = source[field];
    const isMissing = value === undefined || value === "" || (value as unknown[]).length === 0;
    if (isMissing) errors.push(required(`${at}.${field}`));
  }
  const { hostPath, nfs, emptyDir, secret, configMap, downwardAPI, projected } = volume;
  if (hostPath !== undefined) validateHostPath(hostPath, at, errors);
  if (nfs?.path !== undefined && nfs.path !== "" && !nfs.path.startsWith("/")) {
    errors.push(invalid(`${at}.path`, nfs.path, "must be an absolute path"));
  }
  if (emptyDir?.sizeLimit !== undefined) validateSizeLimit(String(emptyDir.sizeLimit), at, errors);
  const files = secret ?? configMap ?? downwardAPI ?? projected;
  validateMode(files?.defaultMode, `${at}.defaultMode`, errors);
  validateItems(secret?.items ?? configMap?.items, at, errors);
  if (projected !== undefined) validateProjected(projected, at, errors);
}

function validateHostPath(
  { path = "", type }: core.HostPathVolumeSource,
  at: string,
  errors: FieldError[],
): void {
  noBacksteps(path, `${at}.path`, errors);
  if (type !== undefined && !HOST_PATH_TYPES.includes(type)) {
    errors.push(unsupported(`${at}.type`, type, HOST_PATH_TYPES));
  }
}

function validateSizeLimit(limit: string, at: string, errors: FieldError[]): void {
  const error = quantityError(limit);
  if (error !== "") errors.push(invalid(`${at}.sizeLimit`, limit, error));
  else if (quantitySign(limit) < 0) {
    const detail = "SizeLimit field must be a valid resource quantity";
    errors.push(forbidden(`${at}.sizeLimit`, detail));
  }
}

function validateMode(mode: number | undefined, path: string, errors: FieldError[]): void {
  if (mode !== undefined && (mode < 0 || mode > MODE_MAX)) {
    errors.push(invalid(path, mode, MODE_RANGE));
  }
}

function validateItems(
  items: readonly core.KeyToPath[] | undefined,
  at: string,
  errors: FieldError[],
): void {
  items?.forEach(({ key = "", path = "", mode }, i) => {
    const item = `${at}.items[${i}]`;
    if (key === "") errors.push(required(`${item}.key`));
    if (path === "") errors.push(required(`${item}.path`));
    relativePath(path, `${item}.path`, errors);
    validateMode(mode, `${item}.mode`, errors);
  });
}

function validateProjected(
  { sources = [] }: core.ProjectedVolumeSource,
  at: string,
  errors: FieldError[],
): void {
  sources.forEach((source, i) => {
    const path = `${at}.sources[${i}]`;
    const names = Object.keys(source);
    if (names.length > 1) errors.push(forbidden(path, "may not specify more than 1 volume type"));
    const { secret, configMap, serviceAccountToken: token } = source;
    for (const [field, keys] of [
      ["secret", secret],
      ["configMap", configMap],
    ] as const) {
      if (keys === undefined) continue;
      if ((keys.name ?? "") === "") errors.push(required(`${path}.${field}.name`));
      validateItems(keys.items, `${path}.${field}`, errors);
    }
    if (token === undefined) return;
    const seconds = token.expirationSeconds;
    if (seconds !== undefined && seconds < TOKEN_SECONDS_MIN) {
      const detail = "may not specify a duration less than 10 minutes";
      errors.push(invalid(`${path}.serviceAccountToken.expirationSeconds`, seconds, detail));
    }
    if ((token.path ?? "") === "") errors.push(required(`${path}.serviceAccountToken.path`));
  });
}
