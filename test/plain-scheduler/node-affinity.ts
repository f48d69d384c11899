/** Node selectors: component-helpers' scheduling/corev1/nodeaffinity/nodeaffinity.go. */
import type { core, Node, Pod } from "./scenario.ts";
import { INTEGER, labelValue, type Requirement, satisfies } from "./selectors.ts";

/** Any of its terms. */
export const matchesNodeSelector = ({ nodeSelectorTerms }: core.NodeSelector, node: Node) =>
  (nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node));

/** A term that is empty, or that could not be parsed, matches no node. */
export function matchesTerm(term: core.NodeSelectorTerm, { metadata }: Node): boolean {
  const { matchExpressions: expressions = [], matchFields: fields = [] } = term;
  if (expressions.length === 0 && fields.length === 0) return false;
  if (!expressions.every(isValidExpression) || !fields.every(isValidField)) return false;
  return (
    expressions.every((expression) => satisfies(metadata.labels, expression)) &&
    fields.every((field) => matchesField(field, metadata.name))
  );
}

/** labels.NewRequirement */
function isValidExpression({ operator, values = [] }: Requirement): boolean {
  if (operator === "In" || operator === "NotIn") return values.length > 0;
  if (operator === "Exists" || operator === "DoesNotExist") return values.length === 0;
  return values.length === 1 && INTEGER.test(values[0] ?? "");
}

/** nodeSelectorRequirementsAsFieldSelector */
const isValidField = ({ operator, values = [] }: Requirement): boolean =>
  (operator === "In" || operator === "NotIn") && values.length === 1;

function matchesField({ key, operator, values }: Requirement, nodeName: string): boolean {
  const value = key === "metadata.name" ? nodeName : "";
  return (operator === "In") === (value === values?.[0]);
}

/** RequiredNodeAffinity.Match: the pod's nodeSelector and its required node affinity. */
export function matchesRequiredAffinity({ spec }: Pod, node: Node): boolean {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) {
    if (labelValue(node.metadata.labels, key) !== value) return false;
  }
  const required = requiredNodeAffinity(spec.affinity?.nodeAffinity);
  return required === undefined || matchesNodeSelector(required, node);
}

export const requiredNodeAffinity = (
  affinity: core.NodeAffinity | undefined,
): core.NodeSelector | undefined => affinity?.requiredDuringSchedulingIgnoredDuringExecution;

export const preferredNodeAffinity = (
  affinity: core.NodeAffinity | undefined,
): readonly core.PreferredSchedulingTerm[] =>
  affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

/**
 * NodeAffinity.PreFilter, in pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go: the nodes
 * that the terms name by metadata.name; undefined when some term names none.
 */
export function nodesNamedByAffinity({ spec }: Pod): ReadonlySet<string> | undefined {
  const terms = requiredNodeAffinity(spec.affinity?.nodeAffinity)?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return undefined;
  const named = new Set<string>();
  for (const term of terms) {
    const names = valuesInAll(term.matchFields ?? [], "metadata.name");
    if (names === undefined) return undefined;
    for (const name of names) named.add(name);
  }
  return named;
}

/** Values that every In requirement on the key allows; undefined: there is no such requirement. */
export function valuesInAll(
  requirements: readonly Requirement[],
  key: string,
): readonly string[] | undefined {
  return requirements
    .filter((requirement) => requirement.key === key && requirement.operator === "In")
    .map(({ values = [] }): readonly string[] => values)
    .reduce<readonly string[] | undefined>(
      (common, values) =>
        common === undefined ? values : values.filter((value) => common.includes(value)),
      undefined,
    );
}
