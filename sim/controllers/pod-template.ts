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
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName,
      namespace: owner.metadata.namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerRef(owner)],
    },
    spec: template.spec,
  };
}
