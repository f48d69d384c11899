/**
 * DefaultStorageClass: a claim that names no class gets the default one, the newest of several.
 * Source: plugin/pkg/admission/storage/storageclass/setdefault and pkg/volume/util/storageclass.go
 * (GetDefaultClass) of v1.30.
 */
import type { core, StorageClass } from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import type { AdmissionAttributes, AdmissionPlugin, Draft } from "./attributes.ts";

const IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";
const BETA_IS_DEFAULT = "storageclass.beta.kubernetes.io/is-default-class";
const BETA_CLASS = "volume.beta.kubernetes.io/storage-class";

export class DefaultStorageClass implements AdmissionPlugin {
  readonly name = "DefaultStorageClass";
  readonly kinds = ["PersistentVolumeClaim"];
  readonly #etcd: Etcd;

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
  }

  admit({ operation }: AdmissionAttributes, draft: Draft): boolean {
    if (operation !== "CREATE") return true;
    const spec = (draft.spec ?? {}) as core.PersistentVolumeClaimSpec;
    if (spec.storageClassName !== undefined) return true; // "" asks for no class
    if (draft.metadata.annotations?.[BETA_CLASS] !== undefined) return true;
    const name = this.#defaultClass();
    if (name !== undefined) draft.spec = { ...spec, storageClassName: name };
    return true;
  }

  #defaultClass(): string | undefined {
    let newest: StorageClass | undefined;
    // By name, so that of two of one age the first is taken.
    for (const record of this.#etcd.list("StorageClass")) {
      const each = record.stored as StorageClass;
      if (!isDefault(each)) continue;
      const age = each.metadata.creationTimestamp;
      if (newest === undefined || age > newest.metadata.creationTimestamp) newest = each;
    }
    return newest?.metadata.name;
  }
}

function isDefault({ metadata: { annotations = {} } }: StorageClass): boolean {
  return annotations[IS_DEFAULT] === "true" || annotations[BETA_IS_DEFAULT] === "true";
}
