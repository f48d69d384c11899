/**
 * VolumeStore: an informer's objects, with the controller's own last writes in their place until the
 * informer has caught up. The PV controller decides on it, so that two claims in a row cannot be
 * given one volume.
 *
 * Source: storeObjectUpdate in pkg/controller/volume/persistentvolume/pv_controller_base.go of v1.30.
 */
import type { ApiObject, KeyRecord } from "../api/index.ts";
import type { Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";

export class VolumeStore<T extends ApiObject> {
  /** Own writes that are newer than the informer's objects. */
  state: { readonly written: Map<KeyRecord, T> } = { written: new Map() };
  readonly #indexer: Indexer<T>;

  /** Its state is kept under `name`, unique in the cluster. */
  constructor(kernel: Kernel, name: string, indexer: Indexer<T>) {
    this.#indexer = indexer;
    kernel.keep(name, this);
  }

  get(record: KeyRecord<T>): T | undefined {
    const informed = this.#indexer.get(record);
    const written = this.state.written.get(record);
    return informed !== undefined && written !== undefined && isNewer(written, informed)
      ? written
      : informed;
  }

  /** The API has answered a write with this object. */
  wrote(record: KeyRecord<T>, object: T): void {
    this.state.written.set(record, object);
  }

  /** The informer has told of the object, or that it is gone. */
  informed(record: KeyRecord<T>, object: T | undefined): void {
    const written = this.state.written.get(record);
    if (written === undefined) return;
    if (object === undefined || !isNewer(written, object)) this.state.written.delete(record);
  }

  /** Objects by an index of the informer, by key, as they are now known. */
  byIndex(name: string, value: string): T[] {
    return this.#indexer.byIndex(name, value).flatMap((record) => this.get(record) ?? []);
  }
}

function isNewer(a: ApiObject, b: ApiObject): boolean {
  return Number(a.metadata.resourceVersion) > Number(b.metadata.resourceVersion);
}
