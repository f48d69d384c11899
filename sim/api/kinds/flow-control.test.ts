import { describe, expect, test } from "vitest";
import { defaultFlowSchemas, defaultPriorityLevels } from "../flow-control-defaults.ts";
import { KeyRecord } from "../key-record.ts";
import { createMetadata } from "../metadata.ts";
import type { ApiObject } from "../objects.ts";
import { kindNamed } from "../scheme.ts";
import { strictDecode } from "../strict-decoding.ts";

type Name = "FlowSchema" | "PriorityLevelConfiguration";

function make(kindName: Name, name: string, spec: object): ApiObject {
  const record = new KeyRecord(1, kindName, "", name);
  return kindNamed(kindName).defaults({ spec, metadata: createMetadata({}, record, 1, 0) });
}

const faults = (object: ApiObject): string[] =>
  kindNamed(object.kind)
    .validate(object)
    .map(({ path, message }) => `${path}: ${message}`);

const resourceRule = {
  verbs: ["*"],
  apiGroups: ["*"],
  resources: ["*"],
  namespaces: ["*"],
  clusterScope: true,
};
const rule = {
  subjects: [{ kind: "User", user: { name: "u" } }],
  resourceRules: [resourceRule],
};
const schema = (spec: object, name = "mine"): ApiObject =>
  make("FlowSchema", name, { priorityLevelConfiguration: { name: "system" }, ...spec });
const level = (limited: object | undefined, name = "mine", rest: object = {}): ApiObject =>
  make("PriorityLevelConfiguration", name, {
    type: "Limited",
    ...(limited === undefined ? {} : { limited }),
    ...rest,
  });
const queue = (queuing: object): object => ({ limitResponse: { type: "Queue", queuing } });

describe("the default objects", () => {
  test.each([
    ...defaultFlowSchemas.map(({ name, spec }) => ["FlowSchema", name, spec] as const),
    ...defaultPriorityLevels.map(
      ({ name, spec }) => ["PriorityLevelConfiguration", name, spec] as const,
    ),
  ])("%s %s is valid, and defaulting changes nothing", (kind, name, spec) => {
    const object = make(kind, name, spec);
    expect(faults(object)).toEqual([]);
    expect(object).toMatchObject({ spec });
    expect(strictDecode(kindNamed(kind), { kind, spec } as never)).toEqual([]);
  });

  // `kubectl get flowschemas` of a 1.30 cluster.
  test("flow schemas by precedence", () => {
    const rows = defaultFlowSchemas.map(
      ({ name, spec }) =>
        `${name} ${spec.priorityLevelConfiguration.name} ${spec.matchingPrecedence} ${spec.distinguisherMethod?.type ?? "-"}`,
    );
    expect(rows).toEqual([
      "exempt exempt 1 -",
      "probes exempt 2 -",
      "system-leader-election leader-election 100 ByUser",
      "endpoint-controller workload-high 150 ByUser",
      "workload-leader-election leader-election 200 ByUser",
      "system-node-high node-high 400 ByUser",
      "system-nodes system 500 ByUser",
      "kube-controller-manager workload-high 800 ByNamespace",
      "kube-scheduler workload-high 800 ByNamespace",
      "kube-system-service-accounts workload-high 900 ByNamespace",
      "service-accounts workload-low 9000 ByUser",
      "global-default global-default 9900 ByUser",
      "catch-all catch-all 10000 ByUser",
    ]);
  });
});

describe("defaults", () => {
  test("of a FlowSchema", () => {
    expect(schema({})).toMatchObject({ spec: { matchingPrecedence: 1000 }, status: {} });
  });

  test("of a limited level", () => {
    expect(level(queue({}))).toMatchObject({
      spec: {
        limited: {
          nominalConcurrencyShares: 30,
          lendablePercent: 0,
          limitResponse: { queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
        },
      },
    });
  });

  test("of the exempt level", () => {
    const exempt = make("PriorityLevelConfiguration", "exempt", { type: "Exempt" });
    expect(exempt).toMatchObject({
      spec: { exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
    });
  });
});

describe("validation of a FlowSchema", () => {
  const subject = (fields: object): object => ({ rules: [{ ...rule, subjects: [fields] }] });
  const resources = (fields: object): object => ({
    rules: [{ ...rule, resourceRules: [{ ...resourceRule, ...fields }] }],
  });
  const urls = (...nonResourceURLs: string[]): object => ({
    rules: [{ ...rule, nonResourceRules: [{ verbs: ["*"], nonResourceURLs }] }],
  });

  test.each<[object, string]>([
    [
      { matchingPrecedence: 0 },
      "spec.matchingPrecedence: Invalid value: 0: must be a positive value",
    ],
    [
      { matchingPrecedence: 10_001 },
      "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000",
    ],
    [
      { matchingPrecedence: 1 },
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
    [
      { distinguisherMethod: { type: "ByVerb" } },
      'spec.distinguisherMethod.type: Unsupported value: "ByVerb": supported values: "ByNamespace", "ByUser"',
    ],
    [
      { priorityLevelConfiguration: { name: "" } },
      "spec.priorityLevelConfiguration.name: Required value: must reference a priority level",
    ],
    [
      { rules: [{ subjects: [], resourceRules: [resourceRule] }] },
      "spec.rules[0].subjects: Required value: subjects must contain at least one value",
    ],
    [
      { rules: [{ subjects: rule.subjects }] },
      "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty",
    ],
    [
      subject({ kind: "Robot" }),
      'spec.rules[0].subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
    ],
    [
      subject({ kind: "User" }),
      "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
    ],
    [
      subject({ kind: "User", user: { name: "u" }, group: { name: "g" } }),
      "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
    ],
    [
      subject({ kind: "ServiceAccount", serviceAccount: { name: "*" } }),
      "spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account",
    ],
    [
      resources({ verbs: ["*", "get"] }),
      `spec.rules[0].resourceRules[0].verbs: Invalid value: []string{"*", "get"}: if '*' is present, must not specify other verbs`,
    ],
    [
      resources({ apiGroups: [] }),
      "spec.rules[0].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group",
    ],
    [
      resources({ namespaces: [], clusterScope: false }),
      "spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace",
    ],
    [
      urls("/a/*/b"),
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a/*/b": wildcard can only do suffix matching',
    ],
    [
      urls("a"),
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash',
    ],
  ])("%j", (spec, fault) => {
    expect(faults(schema(spec))).toEqual([fault]);
  });

  test("of a mandatory one: its spec is fixed", () => {
    const [fault = ""] = faults(schema({ matchingPrecedence: 10_000 }, "catch-all"));
    expect(fault).toMatch(
      /^spec: Invalid value: .*: spec of 'catch-all' must equal the fixed value$/,
    );
  });
});

describe("validation of a PriorityLevelConfiguration", () => {
  const limitResponse = { type: "Reject" };
  const at = "spec.limited.limitResponse.queuing";

  test.each<[ApiObject, string]>([
    [level(undefined), "spec.limited: Required value: must not be empty when type is Limited"],
    [
      level({ limitResponse, nominalConcurrencyShares: -1 }),
      "spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer",
    ],
    [
      level({ limitResponse, lendablePercent: 101 }),
      "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive",
    ],
    [
      level({ limitResponse: { type: "Wait" } }),
      'spec.limited.limitResponse.type: Unsupported value: "Wait": supported values: "Queue", "Reject"',
    ],
    [
      level({ limitResponse: { type: "Queue" } }),
      `${at}: Required value: must not be empty if limited.limitResponse.type is Limited`,
    ],
    [
      level(queue({ queues: 4, handSize: 5 })),
      `${at}.handSize: Invalid value: 5: should not be greater than queues (4)`,
    ],
    [
      level(queue({ queues: 512, handSize: 8 })),
      `${at}.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not be greater than 60`,
    ],
    [
      level(queue({ queueLengthLimit: 0 })),
      `${at}.queueLengthLimit: Invalid value: 0: must be positive`,
    ],
    [
      level({ limitResponse }, "mine", { exempt: {} }),
      "spec.exempt: Forbidden: must be nil if the type is Limited",
    ],
    [
      make("PriorityLevelConfiguration", "mine", { type: "Exempt" }),
      `spec.type: Invalid value: "Exempt": type must be 'Exempt' if and only if name is 'exempt'`,
    ],
  ])("%#: %j", (object, fault) => {
    expect(faults(object)).toEqual([fault]);
  });

  test("of the exempt one: shares may change, nothing else", () => {
    const exempt = { nominalConcurrencyShares: 10, lendablePercent: 50 };
    const changed = make("PriorityLevelConfiguration", "exempt", { type: "Exempt", exempt });
    expect(faults(changed)).toEqual([]);
    const [, fault] = faults(level({ limitResponse }, "exempt"));
    expect(fault).toMatch(/spec of 'exempt' except the 'spec.exempt' field must equal the fixed/);
  });
});
