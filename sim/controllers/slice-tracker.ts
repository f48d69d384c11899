/**
 * SliceTracker: which version of a Service's slices was written last, so that no sync works from
 * slices that are older than its own writes.
 *
 * Source: EndpointSliceTracker in pkg/controller/util/endpointslice/endpointslice_tracker.go of
 * v1.30, which compares generations; here it is the resourceVersion.
 */
import type { EndpointSlice, KeyRecord } from "../api/index.ts";

/** By Service, by slice: the revision written. Plain data: a part of the controller's state. */
export class SliceTracker {
  readonly byService = new Map<KeyRecord, Map<KeyRecord, number>>();

  /** A write of the slice was answered. */
  written(service: KeyRecord, slice: KeyRecord, object: EndpointSlice): void {
    let slices = this.byService.get(service);
    if (slices === undefined) {
      slices = new Map();
      this.byService.set(service, slices);
    }
    slices.set(slice, Number(object.metadata.resourceVersion));
  }

  removed(service: KeyRecord, slice: KeyRecord): void {
    this.byService.get(service)?.set(slice, DELETED);
  }

  /** The slice is gone from the informer. True when nobody here had asked for that. */
  isUnexpectedRemoval(service: KeyRecord, slice: KeyRecord): boolean {
    const slices = this.byService.get(service);
    const revision = slices?.get(slice);
    slices?.delete(slice);
    return revision !== undefined && revision !== DELETED;
  }

  /** True when the slice is not what was written here, but newer. */
  isForeign(service: KeyRecord, slice: KeyRecord, object: EndpointSlice): boolean {
    const revision = this.byService.get(service)?.get(slice);
    return revision === undefined || Number(object.metadata.resourceVersion) > revision;
  }

  /** Whether the informer's view of the Service's slices lags behind what was written. */
  isStale(service: KeyRecord, view: (slice: KeyRecord) => EndpointSlice | undefined): boolean {
    for (const [slice, revision] of this.byService.get(service) ?? []) {
      const object = view(slice);
      if (revision === DELETED ? object !== undefined : object === undefined) return true;
      if (object !== undefined && Number(object.metadata.resourceVersion) < revision) return true;
    }
    return false;
  }

  forget(service: KeyRecord): void {
    this.byService.delete(service);
  }
}

const DELETED = -1;
