/** How a Deployment looks at its ReplicaSets: their sizes, revisions and order. */
import { canonicalJson, type PodTemplateSpec, type ReplicaSet, timestampUs } from "../api/index.ts";

export const REVISION = "deployment.kubernetes.io/revision";
export const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";
export const POD_TEMPLATE_HASH = "pod-template-hash";

/** Replicas that the set asks for. */
export const desiredReplicas = ({ spec }: ReplicaSet): number => spec.replicas ?? 1;

/** The Deployment's size when the set was last scaled by it; undefined: never annotated. */
export const desiredAnnotation = (set: ReplicaSet): number | undefined =>
  wholeNumber(set, DESIRED_REPLICAS);

/** The same with maxSurge. */
export const maxReplicasAnnotation = (set: ReplicaSet): number | undefined =>
  wholeNumber(set, MAX_REPLICAS);

/** The set's place in the history of the Deployment's templates; 0 without one. */
export const revisionOf = (set: ReplicaSet): number => wholeNumber(set, REVISION) ?? 0;

function wholeNumber({ metadata }: ReplicaSet, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** By creation, then by name (ReplicaSetsByCreationTimestamp). */
export function compareOldest(a: ReplicaSet, b: ReplicaSet): number {
  return createdUs(a) - createdUs(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

/** The largest first; among equals the newest (ReplicaSetsBySizeNewer). */
export function compareNewest(a: ReplicaSet, b: ReplicaSet): number {
  return desiredReplicas(b) - desiredReplicas(a) || compareOldest(b, a);
}

/** By revision, then by creation (ReplicaSetsByRevision). */
export function compareRevisions(a: ReplicaSet, b: ReplicaSet): number {
  return revisionOf(a) - revisionOf(b) || compareOldest(a, b);
}

/** The oldest set that has the template, but for the hash label (FindNewReplicaSet). */
export function findNewSet(
  template: PodTemplateSpec,
  sets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const wanted = templateText(template);
  return [...sets]
    .sort(compareOldest)
    .find((set) => templateText(set.spec.template ?? {}) === wanted);
}

/** Texts of templates without the hash label, by template: objects never change. */
const texts = new WeakMap<PodTemplateSpec, string>();

export function templateText(template: PodTemplateSpec): string {
  let text = texts.get(template);
  if (text === undefined) {
    const { [POD_TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
    text = canonicalJson({ ...template, metadata: { ...template.metadata, labels } });
    texts.set(template, text);
  }
  return text;
}

const createdUs = ({ metadata }: ReplicaSet): number => timestampUs(metadata.creationTimestamp);
