/** Label selectors: apimachinery's pkg/labels/selector.go and pkg/apis/meta/v1/helpers.go. */
import type * as meta from "kubernetes-types/meta/v1.d.ts";
import type { Labels } from "./scenario.ts";

export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** All must hold; "nothing" holds for no labels at all. */
export type Selector = readonly Requirement[] | "nothing";

export const INTEGER = /^[+-]?\d+$/;

export const labelValue = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

/** Requirement.Matches */
export function satisfies(labels: Labels, { key, operator, values = [] }: Requirement): boolean {
  const value = labelValue(labels, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt": {
      if (value === undefined || !INTEGER.test(value)) return false;
      const [number, bound] = [integerOf(value), integerOf(values[0] ?? "")];
      return operator === "Gt" ? number > bound : number < bound;
    }
    default:
      throw new Error(`operator ${operator}`);
  }
}

const integerOf = (text: string): bigint => BigInt(text.replace("+", ""));

/** LabelSelectorAsSelector: none selects nothing, an empty one everything. */
export function selectorOf(selector: meta.LabelSelector | undefined): Selector {
  if (selector === undefined) return "nothing";
  return [...equalTo(selector.matchLabels ?? {}), ...(selector.matchExpressions ?? [])];
}

/** labels.SelectorFromSet */
export const equalTo = (set: Labels): Requirement[] =>
  Object.entries(set).map(([key, value]) => ({ key, operator: "In", values: [value] }));

export const selects = (selector: Selector, labels: Labels): boolean =>
  selector !== "nothing" && selector.every((requirement) => satisfies(labels, requirement));

/** Selector.Empty */
export const selectsEverything = (selector: Selector): boolean =>
  selector !== "nothing" && selector.length === 0;

/** Selector.Requirements: "nothing" has none. */
export const requirementsOf = (selector: Selector): readonly Requirement[] =>
  selector === "nothing" ? [] : selector;
