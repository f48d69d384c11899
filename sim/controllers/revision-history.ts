/**
 * The versions of a StatefulSet's or DaemonSet's pod template, kept as ControllerRevisions: which
 * one the template is now, which one is to be made or counted up, and which may go.
 *
 * Source: pkg/controller/history/controller_history.go, getStatefulSetRevisions and truncateHistory
 * in pkg/controller/statefulset/stateful_set_control.go, constructHistory and cleanupHistory in
 * pkg/controller/daemon/update.go of v1.30. Duplicates of a revision, which only hands can make,
 * are not merged.
 */
import {
  type ControllerRevision,
  canonicalJson,
  controllerRef,
  type DaemonSet,
  type KeyRecord,
  type Manifest,
  type PodTemplateSpec,
  podTemplateHash,
  type StatefulSet,
} from "../api/index.ts";

/** On pods: the revision that they are of. A DaemonSet's revisions have it too. */
export const REVISION_HASH = "controller-revision-hash";
/** On a StatefulSet's revisions (history.ControllerRevisionHashLabel). */
const HISTORY_HASH = "controller.kubernetes.io/hash";

export interface OwnedRevision {
  readonly record: KeyRecord<ControllerRevision>;
  readonly revision: ControllerRevision;
}

/** What makes the template of the owner a revision. */
export type RevisionStep =
  | { readonly action: "none"; readonly revision: ControllerRevision }
  /** An earlier template is back: its revision becomes the newest. */
  | {
      readonly action: "renumber";
      readonly record: KeyRecord<ControllerRevision>;
      readonly revision: ControllerRevision;
    }
  | { readonly action: "create"; readonly manifest: Manifest };

/** Given all revisions of the owner, by `compareRevisions`. */
export function revisionStep(
  owner: StatefulSet | DaemonSet,
  revisions: readonly OwnedRevision[],
  collisionCount: number,
): RevisionStep {
  const newest = revisions.at(-1);
  const number = (newest?.revision.revision ?? 0) + 1;
  const same = revisions.filter(({ revision }) => isRevisionOf(owner, revision)).at(-1);
  if (same === undefined)
    return { action: "create", manifest: newRevision(owner, number, collisionCount) };
  if (same === newest) return { action: "none", revision: same.revision };
  const revision = { ...same.revision, revision: number };
  return { action: "renumber", record: same.record, revision };
}

/** Oldest first (history.byRevision). */
export function compareRevisions({ revision: a }: OwnedRevision, b: OwnedRevision): number {
  const other = b.revision;
  if (a.revision !== other.revision) return a.revision - other.revision;
  const [made, madeOther] = [a.metadata.creationTimestamp, other.metadata.creationTimestamp];
  if (made !== madeOther) return made < madeOther ? -1 : 1;
  return a.metadata.name < other.metadata.name ? -1 : 1;
}

/** Revisions beyond the limit that nothing lives by, oldest first. */
export function outdatedRevisions(
  revisions: readonly OwnedRevision[],
  live: ReadonlySet<string>,
  limit: number,
): OwnedRevision[] {
  const past = revisions.filter(({ revision }) => !live.has(revision.metadata.name));
  return past.slice(0, Math.max(0, past.length - limit));
}

const patchTexts = new WeakMap<object, string>();

/** Whether the revision holds the owner's template as it is now. */
export function isRevisionOf(
  owner: StatefulSet | DaemonSet,
  revision: ControllerRevision,
): boolean {
  const { data } = revision;
  return data !== undefined && textOf(data) === textOf(patchOf(owner.spec.template));
}

function textOf(patch: object): string {
  let text = patchTexts.get(patch);
  if (text === undefined) {
    text = canonicalJson(patch);
    patchTexts.set(patch, text);
  }
  return text;
}

const patches = new WeakMap<PodTemplateSpec, object>();

/** The strategic merge patch that brings the template back (getPatch). */
function patchOf(template: PodTemplateSpec): object {
  let patch = patches.get(template);
  if (patch === undefined) {
    patch = { spec: { template: { ...template, $patch: "replace" } } };
    patches.set(template, patch);
  }
  return patch;
}

const templates = new WeakMap<object, PodTemplateSpec>();

/** The template that a revision holds (ApplyRevision); one and the same for one revision. */
export function templateOf({ data, metadata }: ControllerRevision): PodTemplateSpec {
  const held = data as { readonly spec?: { readonly template?: object } } | undefined;
  const patch = held?.spec?.template;
  if (patch === undefined) throw new Error(`revision ${metadata.name} holds no template`);
  let template = templates.get(patch);
  if (template === undefined) {
    const { $patch, ...rest } = patch as PodTemplateSpec & { readonly $patch?: string };
    template = rest;
    templates.set(patch, template);
  }
  return template;
}

/** The revision of the owner's template; its hash differs with each collision of names. */
function newRevision(
  owner: StatefulSet | DaemonSet,
  number: number,
  collisionCount: number,
): Manifest {
  const { metadata, spec } = owner;
  const hash = podTemplateHash(spec.template, collisionCount === 0 ? undefined : collisionCount);
  const label = owner.kind === "StatefulSet" ? HISTORY_HASH : REVISION_HASH;
  const { annotations } = metadata;
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels: { ...spec.template.metadata?.labels, [label]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerRef(owner)],
    },
    data: patchOf(spec.template),
    revision: number,
  };
}
