/** Knows which namespaces exist, in the order in which manifests are applied. Pure. */
import type { Manifest } from "../../sim/api/index.ts";
import { systemNamespaces } from "../system-namespaces.ts";

export class NamespaceKeeper {
  readonly #known = new Set(systemNamespaces);

  /** The Namespace to create before `object` can be applied; `undefined`: it is there. */
  missingFor(object: Manifest): Manifest | undefined {
    if (object.kind === "Namespace") {
      this.#known.add(object.metadata?.name ?? "");
      return undefined;
    }
    const name = object.metadata?.namespace ?? "";
    if (name === "" || this.#known.has(name)) return undefined;
    this.#known.add(name);
    return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  }
}
