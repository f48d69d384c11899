/** The verbs that change something: each takes effect whole, at the moment of its commit. */
import type { WriteContext } from "../answers.ts";
import { servesSubresource } from "../served-resources.ts";
import { bind } from "./binding.ts";
import { create } from "./create.ts";
import { remove } from "./deletion.ts";
import { evict } from "./eviction.ts";
import { finalizeNamespace } from "./namespace-deletion.ts";
import { patch } from "./patch.ts";
import { updateScale } from "./scale.ts";
import { update } from "./update.ts";

export { removeCollection } from "./delete-collection.ts";
export { getScale } from "./scale.ts";

/** Carries out a write about one object, and answers its call. */
export function write(context: WriteContext): void {
  const { verb, subresource } = context.call;
  if (subresource !== "" && !servesSubresource(context.call, context.kind)) return;
  switch (subresource) {
    case "binding":
      return bind(context);
    case "eviction":
      return evict(context);
    case "scale":
      return updateScale(context);
    case "finalize":
      return finalizeNamespace(context);
    default:
  }
  switch (verb) {
    case "create":
      return create(context);
    case "update":
      return update(context);
    case "patch":
      return patch(context);
    default:
      return remove(context);
  }
}
