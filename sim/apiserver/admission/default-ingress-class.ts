/**
 * DefaultIngressClass: an Ingress that names no class gets the default one, of several the newest,
 * of two of one age the first by name.
 * Source: plugin/pkg/admission/network/defaultingressclass/admission.go of v1.30.
 */
import type { IngressClass, networking } from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import type { AdmissionAttributes, AdmissionPlugin, Draft } from "./attributes.ts";

const IS_DEFAULT = "ingressclass.kubernetes.io/is-default-class";
/** networking/v1beta1 AnnotationIngressClass: names the class the old way. */
const OLD_CLASS = "kubernetes.io/ingress.class";

export class DefaultIngressClass implements AdmissionPlugin {
  readonly name = "DefaultIngressClass";
  readonly kinds = ["Ingress"];
  readonly #etcd: Etcd;

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
  }

  admit({ operation }: AdmissionAttributes, draft: Draft): boolean {
    if (operation !== "CREATE") return true;
    const spec = (draft.spec ?? {}) as networking.IngressSpec;
    if (spec.ingressClassName !== undefined) return true;
    if (draft.metadata.annotations?.[OLD_CLASS] !== undefined) return true;
    const name = this.#defaultClass();
    if (name !== undefined) draft.spec = { ...spec, ingressClassName: name };
    return true;
  }

  #defaultClass(): string | undefined {
    let newest: IngressClass | undefined;
    for (const record of this.#etcd.list("IngressClass")) {
      const each = record.stored as IngressClass;
      if (each.metadata.annotations?.[IS_DEFAULT] !== "true") continue;
      const age = each.metadata.creationTimestamp;
      if (newest === undefined || age > newest.metadata.creationTimestamp) newest = each;
    }
    return newest?.metadata.name;
  }
}
