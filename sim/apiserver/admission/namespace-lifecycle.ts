/**
 * NamespaceLifecycle: nothing comes into a namespace that does not exist or is going, and three
 * namespaces stay. Source: apiserver/pkg/admission/plugin/namespace/lifecycle of v1.30.
 */
import type { Namespace } from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  type Draft,
  forbidDraft,
} from "./attributes.ts";

const IMMORTAL = ["default", "kube-public", "kube-system"];

export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = "NamespaceLifecycle";
  readonly kinds = "*";
  readonly #etcd: Etcd;

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
  }

  admit(attributes: AdmissionAttributes, _draft: Draft): boolean {
    const { operation, call, record } = attributes;
    const { namespace } = record;
    if (namespace === "") return true;
    const found = this.#etcd.find("Namespace", namespace)?.stored as Namespace | undefined;
    if (found === undefined) {
      call.fail(404, "NotFound", `namespaces "${namespace}" not found`);
      return false;
    }
    if (operation !== "CREATE" || found.status.phase !== "Terminating") return true;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    return forbidDraft(attributes, why);
  }

  validate({ operation, call, record }: AdmissionAttributes): boolean {
    if (operation !== "DELETE" || record.kind !== "Namespace") return true;
    if (!IMMORTAL.includes(record.name)) return true;
    const text = `namespaces "${record.name}" is forbidden: this namespace may not be deleted`;
    call.fail(403, "Forbidden", text);
    return false;
  }
}
