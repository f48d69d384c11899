/**
 * A kind of object: everything the API server must know to handle one resource type.
 * One file per kind under `kinds/`; the scheme finds them by apiVersion and kind.
 */
import type { FieldTypes } from "./field-types.ts";
import type { ApiObject, Manifest } from "./objects.ts";

/** One fault found by validation, in the API's own words: `path: message`. */
export interface FieldError {
  /** Field path as Kubernetes writes it: `spec.containers[0].resources.requests[cpu]`. */
  readonly path: string;
  /** `Invalid value: "5x": quantities must match ...`, `Required value`, `Unsupported value: ...` */
  readonly message: string;
}

export interface Kind<T extends ApiObject = ApiObject> {
  /** `Pod` */
  readonly kind: string;
  /** `v1`, `apps/v1` */
  readonly apiVersion: string;
  /** Resource name: `pods`, `replicasets`. Used in request paths, metrics and error texts. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** Top-level fields that the API knows besides apiVersion, kind and metadata. */
  readonly fields: readonly string[];
  /**
   * Field names and types for strict decoding (see field-types.ts): a struct with the kind's own
   * name, which also lists apiVersion, kind and metadata, and those it refers to that are not shared.
   */
  readonly fieldTypes: FieldTypes;
  /**
   * Fills in documented defaults; makes a new object and never changes its argument. Metadata is
   * complete already. What it shares with `stored`, the object that it replaces, has its defaults.
   */
  defaults(object: Manifest & { readonly metadata: ApiObject["metadata"] }, stored?: ApiObject): T;
  /**
   * Faults of a defaulted object, all of them, in field order. Empty: valid. What it shares with
   * `stored`, the valid object that it replaces, need not be looked at again.
   */
  validate(object: T, stored?: T): FieldError[];
  /** Faults of changing `old` to `object`: immutable fields. */
  validateUpdate(object: T, old: T): FieldError[];
  /**
   * Faults of changing the status of `old` to that of `object`, which has nothing else changed;
   * absent: a status may say anything.
   */
  validateStatusUpdate?(object: T, old: T): FieldError[];
  /**
   * Carries over from `old` what an update may leave out; absent: nothing. Gets the object before its
   * defaults, returns it or a new one, and changes neither.
   */
  prepareForUpdate?(object: T, old: T): T;
  /** The scale subresource, for kinds that have replicas. */
  readonly scale?: ScaleOf<T>;
  /** Table columns of `kubectl get`, beyond NAME (and NAMESPACE). */
  readonly printerColumns: readonly PrinterColumn<T>[];
}

/** Where a kind keeps what its scale subresource shows (autoscaling/v1 Scale). */
export interface ScaleOf<T> {
  replicas(object: T): number;
  statusReplicas(object: T): number;
  /** The selector of its pods as text. */
  selector(object: T): string;
  /** The object with another number of replicas; a new one. */
  withReplicas(object: T, replicas: number): T;
}

export interface PrinterColumn<T> {
  readonly name: string;
  readonly value: (object: T, nowUs: number) => string;
}
