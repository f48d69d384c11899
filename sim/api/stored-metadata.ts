/**
 * Metadata of objects in the store, in one shape: whoever reads pods meets one or two hidden
 * classes, where copies by spread have one for each step of an object's life, which makes the
 * engine look every field up by its name.
 *
 * Hot: made once per write. The fields are set in one order, and absent ones are left out.
 */
import type { ObjectMeta } from "./objects.ts";

export class StoredMetadata implements ObjectMeta {
  declare name: string;
  declare namespace: string;
  declare uid: string;
  declare resourceVersion: string;
  declare creationTimestamp: string;
  declare labels?: NonNullable<ObjectMeta["labels"]>;
  declare annotations?: NonNullable<ObjectMeta["annotations"]>;
  declare ownerReferences?: NonNullable<ObjectMeta["ownerReferences"]>;
  declare finalizers?: NonNullable<ObjectMeta["finalizers"]>;
  declare generateName?: string;
  declare generation?: number;
  declare deletionTimestamp?: NonNullable<ObjectMeta["deletionTimestamp"]>;
  declare deletionGracePeriodSeconds?: number;
  declare managedFields?: NonNullable<ObjectMeta["managedFields"]>;
  declare selfLink?: string;

  constructor(from: Readonly<ObjectMeta>) {
    this.name = from.name;
    this.namespace = from.namespace;
    this.uid = from.uid;
    this.resourceVersion = from.resourceVersion;
    this.creationTimestamp = from.creationTimestamp;
    if (from.labels !== undefined) this.labels = from.labels;
    if (from.annotations !== undefined) this.annotations = from.annotations;
    if (from.ownerReferences !== undefined) this.ownerReferences = from.ownerReferences;
    if (from.finalizers !== undefined) this.finalizers = from.finalizers;
    if (from.generateName !== undefined) this.generateName = from.generateName;
    if (from.generation !== undefined) this.generation = from.generation;
    if (from.deletionTimestamp !== undefined) this.deletionTimestamp = from.deletionTimestamp;
    if (from.deletionGracePeriodSeconds !== undefined)
      this.deletionGracePeriodSeconds = from.deletionGracePeriodSeconds;
    if (from.managedFields !== undefined) this.managedFields = from.managedFields;
    if (from.selfLink !== undefined) this.selfLink = from.selfLink;
  }
}

/** A copy, for the next version of an object: the store writes the revision into it. */
export function copyMetadata(from: Readonly<ObjectMeta>): StoredMetadata {
  return new StoredMetadata(from);
}

/** As a pod has them at most. The engine gives a class the room that its first objects need. */
const FULL: ObjectMeta = {
  name: "",
  namespace: "",
  uid: "",
  resourceVersion: "",
  creationTimestamp: "",
  labels: {},
  annotations: {},
  ownerReferences: [],
  finalizers: [],
  generateName: "",
  deletionTimestamp: "",
  deletionGracePeriodSeconds: 0,
};
for (let i = 0; i < 10; i++) copyMetadata(FULL);
