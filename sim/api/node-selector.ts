/**
 * Node selectors: the terms of node affinity (and of volumes), compiled once and then cheap.
 *
 * Terms are alternatives; within a term all conditions must hold. A term without any, or with one
 * that cannot be parsed, matches nothing, and so does a selector without terms.
 * Source: component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go of v1.30.
 */
import { invalid, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import type { core } from "./objects.ts";
import {
  checkRequirement,
  type Labels,
  Requirement,
  type RequirementOperator,
  requirementFaults,
} from "./requirement.ts";

/** Whether a node with these labels and this name is selected. */
export type NodeSelectorMatcher = (labels: Labels, nodeName: string) => boolean;

interface Term {
  readonly labels: readonly Requirement[];
  readonly names: readonly Requirement[];
}

const OPERATORS: ReadonlyMap<string, RequirementOperator> = new Map([
  ["In", "in"],
  ["NotIn", "notin"],
  ["Exists", "exists"],
  ["DoesNotExist", "!"],
  ["Gt", "gt"],
  ["Lt", "lt"],
]);

/** Compiles a NodeSelector; see above for what an invalid term does (validation refuses it before). */
export function compileNodeSelector(selector: core.NodeSelector): NodeSelectorMatcher {
  const terms: Term[] = [];
  for (const term of selector.nodeSelectorTerms ?? []) {
    const compiled = compileTerm(term);
    if (compiled !== undefined) terms.push(compiled);
  }
  return (labels, nodeName) => {
    for (const term of terms) if (matchesTerm(term, labels, nodeName)) return true;
    return false;
  };
}

/** Appends why a term cannot be compiled; `path` is the term's. A term without conditions can. */
export function nodeSelectorTermFaults(
  { matchExpressions = [], matchFields = [] }: core.NodeSelectorTerm,
  path: string,
  errors: FieldError[],
): void {
  matchExpressions.forEach(({ key, operator, values }, i) => {
    const at = `${path}.matchExpressions[${i}]`;
    const compiled = OPERATORS.get(operator);
    if (compiled === undefined) {
      errors.push(unsupported(`${at}.operator`, operator, [...OPERATORS.keys()]));
      return;
    }
    for (const fault of requirementFaults(key, compiled, values)) {
      errors.push({ path: `${at}.${fault.path}`, message: fault.message });
    }
  });
  matchFields.forEach(({ operator, values }, i) => {
    const at = `${path}.matchFields[${i}]`;
    if (operator !== "In" && operator !== "NotIn") {
      errors.push(unsupported(`${at}.operator`, operator, ["In", "NotIn"]));
    } else if (values?.length !== 1) {
      errors.push(invalid(`${at}.values`, values ?? [], "must have one element"));
    }
  });
}

function compileTerm(term: core.NodeSelectorTerm): Term | undefined {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return undefined;
  const labels: Requirement[] = [];
  for (const { key, operator, values } of matchExpressions) {
    const compiled = OPERATORS.get(operator);
    if (compiled === undefined || checkRequirement(key, compiled, values) !== "") return undefined;
    labels.push(new Requirement(key, compiled, values ?? []));
  }
  const names: Requirement[] = [];
  for (const { key, operator, values } of matchFields) {
    const isKnown = operator === "In" || operator === "NotIn";
    if (!isKnown || values?.length !== 1) return undefined;
    names.push(new Requirement(key, operator === "In" ? "=" : "!=", values));
  }
  return { labels, names };
}

function matchesTerm({ labels, names }: Term, nodeLabels: Labels, nodeName: string): boolean {
  for (const requirement of labels) if (!requirement.matches(nodeLabels)) return false;
  for (const requirement of names) {
    // The only field of a node is its name; any other is absent, which is read as "".
    const value = requirement.key === "metadata.name" ? nodeName : "";
    if (!requirement.matchesValue(value)) return false;
  }
  return true;
}
