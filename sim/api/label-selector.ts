/**
 * Label selectors: a LabelSelector of a manifest becomes a Selector, compiled once and then cheap.
 *
 * A selector that is absent matches nothing; one without conditions matches everything.
 * Source: LabelSelectorAsSelector in apimachinery/pkg/apis/meta/v1/helpers.go of v1.30.
 */
import { byCodeUnit } from "./code-unit-order.ts";
import type { LabelSelector } from "./objects.ts";
import {
  checkRequirement,
  type Labels,
  Requirement,
  type RequirementOperator,
} from "./requirement.ts";

export class Selector {
  /** All must hold; sorted by key. */
  readonly requirements: readonly Requirement[];
  readonly #matchesNothing: boolean;

  constructor(requirements: readonly Requirement[], matchesNothing = false) {
    this.requirements = requirements;
    this.#matchesNothing = matchesNothing;
  }

  matches(labels: Labels): boolean {
    if (this.#matchesNothing) return false;
    const { requirements } = this;
    for (let i = 0; i < requirements.length; i++) {
      if (requirements[i]?.matches(labels) !== true) return false;
    }
    return true;
  }

  /** Restricts nothing. */
  isEmpty(): boolean {
    return !this.#matchesNothing && this.requirements.length === 0;
  }

  /** As `kubectl -l` takes it: `app=web,tier in (a,b)`. */
  toString(): string {
    return this.requirements.join(",");
  }
}

export const SELECT_EVERYTHING = new Selector([]);
export const SELECT_NOTHING = new Selector([], true);

const OPERATORS: ReadonlyMap<string, RequirementOperator> = new Map([
  ["In", "in"],
  ["NotIn", "notin"],
  ["Exists", "exists"],
  ["DoesNotExist", "!"],
]);

/** The Selector, or why the selector is invalid, in Kubernetes' words. */
export function parseLabelSelector(selector: LabelSelector | null | undefined): Selector | string {
  if (selector === undefined || selector === null) return SELECT_NOTHING;
  const requirements: Requirement[] = [];
  for (const [key, value] of sortedEntries(selector.matchLabels)) {
    const error = checkRequirement(key, "=", [value]);
    if (error !== "") return error;
    requirements.push(new Requirement(key, "=", [value]));
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const compiled = OPERATORS.get(operator);
    if (compiled === undefined) {
      return `${JSON.stringify(operator)} is not a valid label selector operator`;
    }
    const error = checkRequirement(key, compiled, values);
    if (error !== "") return error;
    requirements.push(new Requirement(key, compiled, values ?? []));
  }
  return selectorOf(requirements);
}

const compiled = new WeakMap<LabelSelector, Selector>();

/**
 * The Selector of a validated object; remembered by identity, since stored objects never change.
 * An invalid selector is a bug of the caller and throws.
 */
export function compileLabelSelector(selector: LabelSelector | null | undefined): Selector {
  if (selector === undefined || selector === null) return SELECT_NOTHING;
  const known = compiled.get(selector);
  if (known !== undefined) return known;
  const parsed = parseLabelSelector(selector);
  if (typeof parsed === "string") throw new Error(`label selector was not validated: ${parsed}`);
  compiled.set(selector, parsed);
  return parsed;
}

/** A selector that asks for exactly these labels (Service and ReplicationController); {} matches all. */
export function selectorFromSet(labels: Readonly<Record<string, string>>): Selector {
  return selectorOf(
    sortedEntries(labels).map(([key, value]) => new Requirement(key, "=", [value])),
  );
}

/** Sorts by key; equal keys keep their order. */
export function selectorOf(requirements: readonly Requirement[]): Selector {
  if (requirements.length === 0) return SELECT_EVERYTHING;
  return new Selector([...requirements].sort((a, b) => byCodeUnit(a.key, b.key)));
}

function sortedEntries(labels: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(labels ?? {}).sort(([a], [b]) => byCodeUnit(a, b));
}
