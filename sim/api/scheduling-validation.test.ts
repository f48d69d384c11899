import { describe, expect, test } from "vitest";
import { describeFieldError } from "./field-error.ts";
import { KeyRecord } from "./key-record.ts";
import { createMetadata } from "./metadata.ts";
import type { Pod } from "./objects.ts";
import { kindNamed } from "./scheme.ts";

const kind = kindNamed("Pod");

function podWith(spec: object): Pod {
  const metadata = createMetadata({ name: "p" }, new KeyRecord(1, "Pod", "default", "p"), 1, 0);
  const given = { metadata, spec: { containers: [{ name: "main", image: "x:1" }], ...spec } };
  return kind.defaults(given) as Pod;
}

const faults = (spec: object): string[] => kind.validate(podWith(spec)).map(describeFieldError);

const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const required = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";

describe("pod affinity", () => {
  const term = { topologyKey: "zone", labelSelector: { matchLabels: { app: "web" } } };
  const at = `spec.affinity.podAffinity.${required}[0]`;
  const withTerm = (fields: object) => ({
    affinity: { podAffinity: { [required]: [{ ...term, ...fields }] } },
  });

  test.each<[string, object, string[]]>([
    ["a sound term", withTerm({ namespaces: ["a"], namespaceSelector: {} }), []],
    [
      "no topology key",
      withTerm({ topologyKey: undefined }),
      [`${at}.topologyKey: Required value: can not be empty`],
    ],
    [
      "a topology key that is no label",
      withTerm({ topologyKey: "a b" }),
      [`${at}.topologyKey: Invalid value: "a b": ${NAME_RULE}`],
    ],
    [
      "a namespace that cannot be",
      withTerm({ namespaces: ["A"] }),
      [`${at}.namespace: Invalid value: "A": ${LABEL_RULE}`],
    ],
    [
      "selectors without values, and with too many",
      withTerm({
        labelSelector: { matchExpressions: [{ key: "app", operator: "In" }] },
        namespaceSelector: { matchExpressions: [{ key: "x", operator: "Exists", values: ["y"] }] },
      }),
      [
        `${at}.labelSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
        `${at}.namespaceSelector.matchExpressions[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      ],
    ],
    [
      "weights out of range, and a preferred term without key",
      {
        affinity: {
          podAntiAffinity: {
            [preferred]: [
              { weight: 0, podAffinityTerm: term },
              { weight: 101, podAffinityTerm: { topologyKey: "" } },
            ],
          },
        },
      },
      [
        `spec.affinity.podAntiAffinity.${preferred}[0].weight: Invalid value: 0: must be in the range 1-100`,
        `spec.affinity.podAntiAffinity.${preferred}[1].weight: Invalid value: 101: must be in the range 1-100`,
        `spec.affinity.podAntiAffinity.${preferred}[1].podAffinityTerm.topologyKey: Required value: can not be empty`,
      ],
    ],
  ])("%s", (_case, spec, wanted) => {
    expect(faults(spec)).toEqual(wanted);
  });
});

describe("node affinity", () => {
  const at = `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms[0]`;
  const withTerm = (nodeSelectorTerm: object) => ({
    affinity: { nodeAffinity: { [required]: { nodeSelectorTerms: [nodeSelectorTerm] } } },
  });
  const expression = (key: string, operator: string, values?: string[]) =>
    withTerm({ matchExpressions: [{ key, operator, values }] });
  const field = (key: string, operator: string, values?: string[]) =>
    withTerm({ matchFields: [{ key, operator, values }] });

  test.each<[string, object, string[]]>([
    ["an empty term", withTerm({}), []],
    ["a bound that is no number, as in v1.30", expression("gen", "Gt", ["x"]), []],
    [
      "an operator that there is not",
      expression("gen", "Like", ["x"]),
      [`${at}.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator`],
    ],
    [
      "two bounds",
      expression("gen", "Lt", ["1", "2"]),
      [
        `${at}.matchExpressions[0].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
      ],
    ],
    [
      "a field with another operator",
      field("metadata.name", "Exists"),
      [`${at}.matchFields[0].operator: Invalid value: "Exists": not a valid selector operator`],
    ],
    [
      "another field, with two values",
      field("metadata.uid", "In", ["a", "b"]),
      [
        `${at}.matchFields[0].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
        `${at}.matchFields[0].key: Invalid value: "metadata.uid": not a valid field selector key`,
      ],
    ],
  ])("%s", (_case, spec, wanted) => {
    expect(faults(spec)).toEqual(wanted);
  });
});

describe("topology spread constraints", () => {
  const constraint = {
    maxSkew: 1,
    topologyKey: "zone",
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels: { app: "web" } },
  };
  const at = "spec.topologySpreadConstraints[0]";
  const withFields = (fields: object) => ({
    topologySpreadConstraints: [{ ...constraint, ...fields }],
  });
  const actions = 'supported values: "DoNotSchedule", "ScheduleAnyway"';
  const policies = 'supported values: "Honor", "Ignore"';

  test.each<[string, object, string[]]>([
    ["a sound one", withFields({ minDomains: 2, matchLabelKeys: ["version"] }), []],
    [
      "skew, key and action missing",
      { topologySpreadConstraints: [{ labelSelector: {} }] },
      [
        `${at}.maxSkew: Invalid value: 0: must be greater than zero`,
        `${at}.topologyKey: Required value: can not be empty`,
        `${at}.whenUnsatisfiable: Unsupported value: "": ${actions}`,
      ],
    ],
    [
      "an action that there is not",
      withFields({ whenUnsatisfiable: "Maybe" }),
      [`${at}.whenUnsatisfiable: Unsupported value: "Maybe": ${actions}`],
    ],
    [
      "one pair twice, told of the first",
      { topologySpreadConstraints: [constraint, { ...constraint, maxSkew: 2 }] },
      [`${at}.{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"`],
    ],
    [
      "minDomains of 0, and without DoNotSchedule",
      withFields({ minDomains: 0, whenUnsatisfiable: "ScheduleAnyway" }),
      [
        `${at}.minDomains: Invalid value: 0: must be greater than zero`,
        `${at}.minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway`,
      ],
    ],
    [
      "policies that there are not",
      withFields({ nodeAffinityPolicy: "Yes", nodeTaintsPolicy: "No" }),
      [
        `${at}.nodeAffinityPolicy: Unsupported value: "Yes": ${policies}`,
        `${at}.nodeTaintsPolicy: Unsupported value: "No": ${policies}`,
      ],
    ],
    [
      "matchLabelKeys without a selector",
      withFields({ labelSelector: undefined, matchLabelKeys: ["app"] }),
      [`${at}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`],
    ],
    [
      "a key in both",
      withFields({ matchLabelKeys: ["version", "app"] }),
      [
        `${at}.matchLabelKeys[1]: Invalid value: "app": exists in both matchLabelKeys and labelSelector`,
      ],
    ],
  ])("%s", (_case, spec, wanted) => {
    expect(faults(spec)).toEqual(wanted);
  });
});

describe("other scheduling fields", () => {
  test.each<[string, object, string[]]>([
    [
      "a gate that is no name, a gate twice",
      { schedulingGates: [{ name: "a b" }, { name: "x" }, { name: "x" }] },
      [
        `spec.schedulingGates[0]: Invalid value: "a b": ${NAME_RULE}`,
        'spec.schedulingGates[2]: Duplicate value: "x"',
      ],
    ],
    [
      "a node for a gated pod",
      { schedulingGates: [{ name: "x" }], nodeName: "n" },
      ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
    ],
    [
      "a preemption policy that there is not",
      { preemptionPolicy: "Always" },
      [
        'spec.preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"',
      ],
    ],
    [
      "tolerations",
      {
        tolerations: [
          { key: "a", operator: "Exists", value: "b" },
          { key: "a", operator: "Like" },
          { key: "a", operator: "Exists", effect: "Never" },
          { key: "a", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 1 },
        ],
      },
      [
        "spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'",
        'spec.tolerations[1].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
        'spec.tolerations[2].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
        "spec.tolerations[3].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set",
      ],
    ],
  ])("%s", (_case, spec, wanted) => {
    expect(faults(spec)).toEqual(wanted);
  });

  test("gates can be taken away and not added", () => {
    const old = podWith({ schedulingGates: [{ name: "a" }, { name: "b" }] });
    const update = (spec: object): string[] =>
      kind
        .validateUpdate({ ...old, spec: { ...old.spec, ...spec } } as Pod, old)
        .map(describeFieldError);
    expect(update({ schedulingGates: [{ name: "b" }] })).toEqual([]);
    expect(update({ schedulingGates: [{ name: "b" }, { name: "c" }] })).toEqual([
      "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'c'",
    ]);
  });
});
