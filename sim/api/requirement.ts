/**
 * Requirement: one condition of a label selector, a selector string or a node selector term.
 *
 * Source: staging/src/k8s.io/apimachinery/pkg/labels/selector.go of v1.30.
 */
import { byCodeUnit } from "./code-unit-order.ts";
import { describeFieldError, invalid } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { labelValueError, qualifiedNameError } from "./name-format.ts";

/** Labels of an object; undefined is the same as none. */
export type Labels = Readonly<Record<string, string>> | undefined;

/** Operators as apimachinery writes them. */
export type RequirementOperator = "in" | "notin" | "=" | "==" | "!=" | "exists" | "!" | "gt" | "lt";

export class Requirement {
  readonly key: string;
  readonly operator: RequirementOperator;
  readonly values: readonly string[];
  /** The bound of gt and lt. */
  readonly #bound: bigint;

  /** Takes what `checkRequirement` has found valid. */
  constructor(key: string, operator: RequirementOperator, values: readonly string[]) {
    this.key = key;
    this.operator = operator;
    this.values = values;
    this.#bound = operator === "gt" || operator === "lt" ? (parseInt64(values[0] ?? "") ?? 0n) : 0n;
  }

  /** Whether the labels satisfy this. NotIn, != and ! are satisfied by an absent key. */
  matches(labels: Labels): boolean {
    return this.matchesValue(labels?.[this.key]);
  }

  /** Like `matches`, for a value that was looked up; undefined where the key is absent. */
  matchesValue(value: string | undefined): boolean {
    const exists = typeof value === "string"; // not a property that every object inherits
    switch (this.operator) {
      case "in":
      case "=":
      case "==":
        return exists && this.values.includes(value);
      case "notin":
      case "!=":
        return !exists || !this.values.includes(value);
      case "exists":
        return exists;
      case "!":
        return !exists;
      case "gt":
      case "lt": {
        const number = exists ? parseInt64(value) : undefined;
        if (number === undefined) return false;
        return this.operator === "gt" ? number > this.#bound : number < this.#bound;
      }
    }
  }

  toString(): string {
    const values = [...this.values].sort(byCodeUnit).join(",");
    switch (this.operator) {
      case "exists":
        return this.key;
      case "!":
        return `!${this.key}`;
      case "in":
      case "notin":
        return `${this.key} ${this.operator} (${values})`;
      case "gt":
      case "lt":
        return `${this.key}${this.operator === "gt" ? ">" : "<"}${values}`;
      default:
        return `${this.key}${this.operator}${values}`;
    }
  }
}

/** The faults of a requirement, as NewRequirement aggregates them; "" when it is valid. */
export function checkRequirement(
  key: string,
  operator: RequirementOperator,
  values: readonly string[] | undefined,
): string {
  const faults = requirementFaults(key, operator, values).map(describeFieldError);
  return faults.length > 1 ? `[${faults.join(", ")}]` : (faults[0] ?? "");
}

/** The faults one by one, with their paths inside of the requirement. */
export function requirementFaults(
  key: string,
  operator: RequirementOperator,
  values: readonly string[] | undefined,
): readonly FieldError[] {
  const faults: FieldError[] = [];
  const keyError = qualifiedNameError(key);
  if (keyError !== "") faults.push(invalid("key", key, keyError));
  const count = values?.length ?? 0;
  const operand = operandError(operator, count);
  if (operand !== "") {
    const shown = values === undefined ? "[]string(nil)" : goStrings(values);
    faults.push({ path: "values", message: `Invalid value: ${shown}: ${operand}` });
  }
  values?.forEach((value, index) => {
    if ((operator === "gt" || operator === "lt") && parseInt64(value) === undefined) {
      const detail = "for 'Gt', 'Lt' operators, the value must be an integer";
      faults.push(invalid(`values[${index}]`, value, detail));
    }
    const error = labelValueError(value);
    if (error !== "") faults.push(invalid(`values[${index}][${key}]`, value, error));
  });
  return faults;
}

/** A whole number as Go's ParseInt reads it, within 64 bits; else undefined. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const number = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return BigInt.asIntN(64, number) === number ? number : undefined;
}

function operandError(operator: RequirementOperator, count: number): string {
  switch (operator) {
    case "in":
    case "notin":
      return count === 0 ? "for 'in', 'notin' operators, values set can't be empty" : "";
    case "=":
    case "==":
    case "!=":
      return count === 1 ? "" : "exact-match compatibility requires one single value";
    case "exists":
    case "!":
      return count === 0 ? "" : "values set must be empty for exists and does not exist";
    case "gt":
    case "lt":
      return count === 1 ? "" : "for 'Gt', 'Lt' operators, exactly one value is required";
  }
}

const goStrings = (values: readonly string[]): string =>
  `[]string{${values.map((value) => JSON.stringify(value)).join(", ")}}`;
