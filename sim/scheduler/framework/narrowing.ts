/** narrowingOf: what the pods that a selector matches have in common. */
import type { Selector } from "../../api/index.ts";
import type { Narrowing } from "./node-counts.ts";

/** `namespace`: the only one that the pods may be of; undefined: there may be several. */
export function narrowingOf(selector: Selector, namespace: string | undefined): Narrowing {
  for (const { key, operator, values } of selector.requirements) {
    const isOneValue = operator === "=" || operator === "==" || operator === "in";
    const [value] = values;
    if (isOneValue && values.length === 1 && value !== undefined) {
      return { namespace, label: [key, value] };
    }
  }
  return { namespace };
}
