/**
 * Rollback by annotation, as old API versions asked for it: the template of an earlier ReplicaSet
 * becomes the Deployment's again. (kubectl rollout undo does the same by a patch of its own.)
 *
 * Source: pkg/controller/deployment/rollback.go, and SetFromReplicaSetTemplate,
 * SetDeploymentAnnotationsTo and LastRevision in util/deployment_util.go of v1.30.
 */
import type { Deployment, ReplicaSet } from "../api/index.ts";
import { NOT_COPIED } from "./deployment-revision.ts";
import { POD_TEMPLATE_HASH, revisionOf, templateText } from "./replica-set-order.ts";

const ROLLBACK_TO = "deprecated.deployment.rollback.to";

/** What a rollback comes to: the Deployment without the wish for it, and the Event that tells. */
export interface Rollback {
  readonly deployment: Deployment;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** The revision that is wished for, 0 for the last one; undefined: no rollback is wished for. */
export function rollbackRevision({ metadata }: Deployment): number | undefined {
  const text = metadata.annotations?.[ROLLBACK_TO];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

export function rolledBack(
  deployment: Deployment,
  wished: number,
  sets: readonly ReplicaSet[],
): Rollback {
  const revision = wished === 0 ? lastRevision(sets) : wished;
  const set = sets.find((each) => revisionOf(each) === revision);
  if (revision === 0 || set === undefined) {
    const message =
      revision === 0
        ? "Unable to find last revision."
        : "Unable to find the revision to rollback to.";
    return warning(deployment, "DeploymentRollbackRevisionNotFound", message);
  }
  const { name } = deployment.metadata;
  if (templateText(set.spec.template ?? {}) === templateText(deployment.spec.template)) {
    const message = `The rollback revision contains the same template as current deployment "${name}"`;
    return warning(deployment, "DeploymentRollbackTemplateUnchanged", message);
  }
  return {
    deployment: withTemplateOf(deployment, set),
    type: "Normal",
    reason: "DeploymentRollback",
    message: `Rolled back deployment "${name}" to revision ${revision}`,
  };
}

/** The revision before the newest; 0: there is none. */
function lastRevision(sets: readonly ReplicaSet[]): number {
  let newest = 0;
  let last = 0;
  for (const set of sets) {
    const revision = revisionOf(set);
    if (revision >= newest) {
      last = newest;
      newest = revision;
    } else if (revision > last) last = revision;
  }
  return last;
}

function warning(deployment: Deployment, reason: string, message: string): Rollback {
  return { deployment: withoutWish(deployment), type: "Warning", reason, message };
}

function withoutWish({ metadata, ...rest }: Deployment): Deployment {
  const { [ROLLBACK_TO]: _wish, ...annotations } = metadata.annotations ?? {};
  return { ...rest, metadata: { ...metadata, annotations } };
}

function withTemplateOf(deployment: Deployment, { metadata, spec }: ReplicaSet): Deployment {
  const { metadata: own, spec: ownSpec } = withoutWish(deployment);
  const template = spec.template ?? {};
  const { [POD_TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  const annotations: Record<string, string> = {};
  for (const [key, value] of Object.entries(own.annotations ?? {}))
    if (NOT_COPIED.has(key)) annotations[key] = value;
  for (const [key, value] of Object.entries(metadata.annotations ?? {}))
    if (!NOT_COPIED.has(key)) annotations[key] = value;
  return {
    ...deployment,
    metadata: { ...own, annotations },
    spec: { ...ownSpec, template: { ...template, metadata: { ...template.metadata, labels } } },
  };
}
