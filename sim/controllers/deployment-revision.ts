/**
 * A Deployment's new ReplicaSet: how it is named, labelled and annotated, and which old ones may go.
 * Source: getNewReplicaSet and cleanupDeployment in pkg/controller/deployment/sync.go, and
 * SetNewReplicaSetAnnotations in util/deployment_util.go of v1.30.
 */
import {
  controllerRef,
  type Deployment,
  type LabelSelector,
  type Manifest,
  podTemplateHash,
  type ReplicaSet,
} from "../api/index.ts";
import { fenceposts, newSetReplicas } from "./deployment-arithmetic.ts";
import {
  compareRevisions,
  DESIRED_REPLICAS,
  desiredReplicas,
  MAX_REPLICAS,
  POD_TEMPLATE_HASH,
  REVISION,
  REVISION_HISTORY,
  revisionOf,
} from "./replica-set-order.ts";

type Annotations = Readonly<Record<string, string>>;

/** Annotations of the Deployment that its ReplicaSets do not get. */
export const NOT_COPIED: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

/** The revision that a template newer than all of `old` has. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return old.reduce((most, set) => Math.max(most, revisionOf(set)), 0) + 1;
}

/** The ReplicaSet of the Deployment's template, beside the old ones. */
export function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[]): Manifest {
  const { metadata, spec, status } = deployment;
  const hash = podTemplateHash(spec.template, status.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [POD_TEMPLATE_HASH]: hash };
  const annotations = {
    ...newSetAnnotations(deployment, {}, nextRevision(old)),
    ...replicasAnnotations(deployment),
  };
  const selector: LabelSelector = {
    ...spec.selector,
    matchLabels: { ...spec.selector.matchLabels, [POD_TEMPLATE_HASH]: hash },
  };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels,
      annotations,
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas: newSetReplicas(deployment, old, 0),
      minReadySeconds: spec.minReadySeconds ?? 0,
      selector,
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** The annotations that the new ReplicaSet should have; those that it has, when nothing changes. */
export function newSetAnnotations(
  { metadata }: Deployment,
  current: Annotations,
  revision: number,
): Annotations {
  const next: Record<string, string> = { ...current };
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    if (!NOT_COPIED.has(key)) next[key] = value;
  }
  const old = current[REVISION];
  if (Number(old ?? 0) < revision) {
    next[REVISION] = String(revision);
    // It was new before, and is again: the old number is kept in its history.
    if (old !== undefined) {
      const history = current[REVISION_HISTORY] ?? "";
      next[REVISION_HISTORY] = history === "" ? old : `${history},${old}`;
    }
  }
  return isSame(next, current) ? current : next;
}

/** What a ReplicaSet tells about the Deployment's size (SetReplicasAnnotations). */
export function replicasAnnotations(deployment: Deployment): Annotations {
  const { replicas = 1 } = deployment.spec;
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + fenceposts(deployment).maxSurge),
  };
}

/** The set at another size; the set itself when neither size nor annotations change. */
export function resized(deployment: Deployment, set: ReplicaSet, replicas: number): ReplicaSet {
  const current = set.metadata.annotations ?? {};
  const annotations = { ...current, ...replicasAnnotations(deployment) };
  const isSized = desiredReplicas(set) === replicas;
  if (isSized && isSame(annotations, current)) return set;
  return {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: isSized ? set.spec : { ...set.spec, replicas },
  };
}

/** Old ReplicaSets beyond revisionHistoryLimit that hold nothing any more. */
export function outdatedSets(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const excess = alive.length - limit;
  if (excess <= 0) return [];
  return alive
    .sort(compareRevisions)
    .slice(0, excess)
    .filter(
      (set) =>
        set.status.replicas === 0 &&
        desiredReplicas(set) === 0 &&
        (set.metadata.generation ?? 0) <= (set.status.observedGeneration ?? 0),
    );
}

function isSame(a: Annotations, b: Annotations): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
