/**
 * kubectl rollout: patches that roll a workload back, restart, pause or resume it. Pure.
 * Source: staging/src/k8s.io/kubectl/pkg/polymorphichelpers/{rollback,objectrestarter,objectpauser,
 * objectresumer}.go of v1.30.
 */
import {
  type ApiObject,
  type ControllerRevision,
  controllerOf,
  type Deployment,
  type Manifest,
  type PodTemplateSpec,
  type ReplicaSet,
  semanticallyEqual,
  timestamp,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import type { Edit } from "./edit.ts";
import { LAST_APPLIED_ANNOTATION } from "./last-applied.ts";

const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
const REVISION = "deployment.kubernetes.io/revision";
const TEMPLATE_HASH = "pod-template-hash";

/** Annotations of a Deployment that a rollback leaves alone (annotationsToSkip). */
const KEPT_ANNOTATIONS: readonly string[] = [
  LAST_APPLIED_ANNOTATION,
  REVISION,
  "deployment.kubernetes.io/revision-history",
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
  "deprecated.deployment.rollback.to",
];

/** In which kind a workload's old templates are kept; undefined: it has no history. */
export function historyKind(kind: string): "ReplicaSet" | "ControllerRevision" | undefined {
  if (kind === "Deployment") return "ReplicaSet";
  return kind === "StatefulSet" || kind === "DaemonSet" ? "ControllerRevision" : undefined;
}

export function restart(live: ApiObject, nowUs: Micros): Edit {
  if (historyKind(live.kind) === undefined) return refusal("restarting is not supported", live);
  if (isPaused(live))
    return { fault: "can't restart paused deployment (run rollout resume first)" };
  const annotations = { [RESTARTED_AT]: timestamp(nowUs) };
  return strategic({ spec: { template: { metadata: { annotations } } } });
}

export function pause(live: ApiObject): Edit {
  if (live.kind !== "Deployment") return refusal("pausing is not supported", live);
  if (isPaused(live)) return { fault: "is already paused" };
  return strategic({ spec: { paused: true } });
}

export function resume(live: ApiObject): Edit {
  if (live.kind !== "Deployment") return refusal("resuming is not supported", live);
  if (!isPaused(live)) return { fault: "is not paused" };
  return strategic({ spec: { paused: null } });
}

/** Back to a revision of the history; 0: to the one before the latest. */
export function undo(live: ApiObject, history: readonly ApiObject[], toRevision: number): Edit {
  const own = history.filter((old) => controllerOf(old)?.uid === live.metadata.uid);
  return live.kind === "Deployment"
    ? undoDeployment(live as Deployment, own as ReplicaSet[], toRevision)
    : undoToRevision(live, own as ControllerRevision[], toRevision);
}

function undoDeployment(live: Deployment, sets: readonly ReplicaSet[], toRevision: number): Edit {
  const name = live.metadata.name;
  if (isPaused(live)) {
    const what = `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/${name}' and try again`;
    return { fault: what };
  }
  const numbered = sets.flatMap((set) => {
    const revision = Number(set.metadata.annotations?.[REVISION] ?? Number.NaN);
    return Number.isSafeInteger(revision) ? [{ set, revision }] : [];
  });
  const found = revisionOf(numbered, toRevision);
  if (found === undefined) return noRevision(live, toRevision);
  const { metadata = {}, ...template } = found.set.spec.template ?? {};
  const { [TEMPLATE_HASH]: _hash, ...labels } = metadata.labels ?? {};
  const wanted: PodTemplateSpec = { metadata: { ...metadata, labels }, ...template };
  if (semanticallyEqual(wanted, live.spec.template)) return undefined; // skipped rollback
  return {
    patchType: "json",
    patch: [
      { op: "replace", path: "/spec/template", value: wanted },
      {
        op: "replace",
        path: "/metadata/annotations",
        value: rolledBackAnnotations(live, found.set),
      },
    ],
  };
}

/** Those of the old set, but for the ones about the Deployment's own state. */
function rolledBackAnnotations(live: Deployment, set: ReplicaSet): Record<string, string> {
  const annotations: Record<string, string> = {};
  const ownAnnotations = live.metadata.annotations ?? {};
  for (const name of KEPT_ANNOTATIONS) {
    const value = ownAnnotations[name];
    if (value !== undefined) annotations[name] = value;
  }
  for (const [name, value] of Object.entries(set.metadata.annotations ?? {}))
    if (!KEPT_ANNOTATIONS.includes(name)) annotations[name] = value;
  return annotations;
}

/** A StatefulSet or DaemonSet: what a ControllerRevision keeps is the patch itself. */
function undoToRevision(
  live: ApiObject,
  revisions: readonly ControllerRevision[],
  toRevision: number,
): Edit {
  const numbered = revisions.map((set) => ({ set, revision: set.revision }));
  const found = revisionOf(numbered, toRevision);
  if (found === undefined) return noRevision(live, toRevision);
  const patch = found.set.data as unknown as Manifest;
  const { template } = (patch.spec ?? {}) as { readonly template?: object };
  const held = (live as unknown as { readonly spec: { readonly template?: object } }).spec.template;
  const { $patch: _directive, ...wanted } = { ...template } as { readonly $patch?: string };
  return semanticallyEqual(wanted, held) ? undefined : strategic(patch);
}

interface Numbered<T extends ApiObject> {
  readonly set: T;
  readonly revision: number;
}

/** The one asked for; 0: the second newest. */
function revisionOf<T extends ApiObject>(
  numbered: readonly Numbered<T>[],
  toRevision: number,
): Numbered<T> | undefined {
  if (toRevision > 0) return numbered.find(({ revision }) => revision === toRevision);
  const byAge = [...numbered].sort(
    (a, b) => b.revision - a.revision || (a.set.metadata.name < b.set.metadata.name ? -1 : 1),
  );
  return byAge[1];
}

function noRevision({ kind, metadata }: ApiObject, toRevision: number): Edit {
  return toRevision > 0
    ? { fault: `unable to find specified revision ${toRevision} in history` }
    : { fault: `no rollout history found for ${kind.toLowerCase()} "${metadata.name}"` };
}

function isPaused(live: ApiObject): boolean {
  return live.kind === "Deployment" && (live as Deployment).spec.paused === true;
}

function strategic(patch: object): Edit {
  return { patchType: "strategic", patch: patch as Manifest };
}

function refusal(what: string, { kind, metadata }: ApiObject): Edit {
  return { fault: `${kind.toLowerCase()} "${metadata.name}" ${what}` };
}
