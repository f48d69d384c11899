/** Objects that own each other, for the tests of the garbage collector. */
import type { KeyRecord, Manifest, OwnerReference } from "../sim/api/index.ts";
import type { ApiCall, DeletionPropagation } from "../sim/client/index.ts";
import { ControllerWorld, type WorldOptions } from "./controllers-fixture.ts";

export class GarbageWorld extends ControllerWorld {
  readonly replies: ApiCall[] = [];
  readonly #done;

  constructor(options: WorldOptions = {}) {
    super(options);
    this.#done = this.user.callback((call) => void this.replies.push(call));
  }

  /** Deletes with a policy. */
  delete(record: KeyRecord, propagationPolicy: DeletionPropagation): void {
    this.user.delete(record, { propagationPolicy }, this.#done, undefined);
  }

  /** Takes all finalizers off. */
  release(record: KeyRecord): void {
    const patch = { metadata: { finalizers: [] } };
    this.user.patch(record, patch, "", this.#done, undefined, { patchType: "merge" });
  }

  /** Deletes a cluster-scoped namespace. */
  deleteNamespace(name: string): KeyRecord {
    const record = this.etcd.record("Namespace", "", name);
    this.delete(record, "Background");
    return record;
  }

  /** A lease that these own; kinds that no controller looks after are good stand-ins. */
  owned(name: string, owners: readonly OwnerReference[], namespace = "default"): KeyRecord {
    return this.create(lease(name, namespace, owners));
  }

  /** A reference to what is stored. */
  reference(record: KeyRecord, blockOwnerDeletion = true): OwnerReference {
    const { stored } = record;
    if (stored === undefined) throw new Error(`${record.key} does not exist`);
    const { apiVersion, kind, metadata } = stored;
    return { apiVersion, kind, name: metadata.name, uid: metadata.uid, blockOwnerDeletion };
  }
}

export function lease(
  name: string,
  namespace: string,
  ownerReferences: readonly OwnerReference[],
): Manifest {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, namespace, ownerReferences: [...ownerReferences] },
    spec: {},
  };
}

/** A reference to what does not exist. */
export function absent(name: string, kind = "Lease"): OwnerReference {
  const apiVersion = "coordination.k8s.io/v1";
  return { apiVersion, kind, name, uid: `uid-${name}`, blockOwnerDeletion: true };
}
