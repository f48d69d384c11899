/**
 * Labels as values of an index: whoever selects finds the few objects that may be meant, and does
 * not look at all of the namespace.
 */
import type { Selector } from "./label-selector.ts";
import type { ObjectMeta } from "./objects.ts";

/** The values under which an object is found, one for each label; undefined: it has no labels. */
export function labelValues({ namespace, labels }: ObjectMeta): readonly string[] | undefined {
  if (labels === undefined) return undefined;
  return Object.keys(labels).map((key) => `${namespace}/${key}=${labels[key]}`);
}

/**
 * A value under which everything is found that the selector selects in the namespace, and maybe
 * more; undefined: it asks for no certain value of any label.
 */
export function valueSelected(namespace: string, { requirements }: Selector): string | undefined {
  for (const { key, operator, values } of requirements) {
    const asksForOne = operator === "=" || operator === "==" || operator === "in";
    if (asksForOne && values.length === 1) return `${namespace}/${key}=${values[0]}`;
  }
  return undefined;
}
