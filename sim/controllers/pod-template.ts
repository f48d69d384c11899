/** The pod that a controller makes from a template. Source: GetPodFromTemplate in pkg/controller/controller_utils.go of v1.30. */
import {
  type ApiObject,
  controllerRef,
  type Manifest,
  type PodTemplateSpec,
} from "../api/index.ts";

/** `generateName` defaults to the owner's name and a dash. */
export function podFromTemplate(
  template: PodTemplateSpec,
  owner: ApiObject,
  generateName = `${owner.metadata.name}-`,
): Manifest {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const metadata: NonNullable<Manifest["metadata"]> = {
    generateName,
    namespace: owner.metadata.namespace,
    ownerReferences: [controllerRef(owner)],
  };
  if (labels !== undefined) metadata.labels = labels;
  if (annotations !== undefined) metadata.annotations = annotations;
  if (finalizers !== undefined) metadata.finalizers = finalizers;
  return { apiVersion: "v1", kind: "Pod", metadata, spec: template.spec };
}
