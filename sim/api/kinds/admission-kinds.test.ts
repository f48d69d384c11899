import { describe, expect, test } from "vitest";
import { allKinds, KeyRecord, kindNamed } from "../index.ts";
import { createMetadata } from "../metadata.ts";
import type { Manifest } from "../objects.ts";

function made(kind: string, fields: object) {
  const record = new KeyRecord(0, kind, "default", "x");
  const metadata = createMetadata({ name: "x" }, record, 1, 0);
  return kindNamed(kind).defaults({ ...fields, metadata } as Manifest & {
    metadata: typeof metadata;
  });
}

function faults(kind: string, fields: object): string[] {
  const object = made(kind, fields);
  return kindNamed(kind)
    .validate(object)
    .map(({ path, message }) => `${path}: ${message}`);
}

const limit = (item: object): object => ({ spec: { limits: [item] } });

test("the kinds of admission are in the scheme", () => {
  const names = allKinds.map(({ kind }) => kind);
  expect(names).toEqual(expect.arrayContaining(["LimitRange", "ResourceQuota", "ServiceAccount"]));
});

describe("LimitRange", () => {
  test.each([
    ["the limit is the maximum", { max: { cpu: "2" } }, { cpu: "2" }, { cpu: "2" }],
    ["the request is the limit", { default: { cpu: "1" } }, { cpu: "1" }, { cpu: "1" }],
    ["the request is the minimum", { min: { cpu: "100m" } }, {}, { cpu: "100m" }],
    [
      "what is given stays",
      {
        max: { cpu: "2" },
        default: { cpu: "1" },
        defaultRequest: { cpu: "500m" },
        min: { cpu: "1m" },
      },
      { cpu: "1" },
      { cpu: "500m" },
    ],
  ])("a container's defaults: %s", (_case, item, limits, requests) => {
    expect(made("LimitRange", limit({ type: "Container", ...item }))).toMatchObject({
      spec: { limits: [{ default: limits, defaultRequest: requests }] },
    });
  });

  test.each<[string, object, string[]]>([
    ["is well formed", { type: "Pod", max: { cpu: "2" }, min: { cpu: "1" } }, []],
    [
      "an unknown type",
      { type: "Volume" },
      [
        'spec.limits[0].type: Invalid value: "Volume": must be a standard limit type or fully qualified',
      ],
    ],
    [
      "bounds that cross",
      { type: "Pod", max: { cpu: "1" }, min: { cpu: "2" } },
      ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
    ],
    [
      "a default above the maximum",
      {
        type: "Container",
        max: { memory: "1Gi" },
        default: { memory: "2Gi" },
        defaultRequest: { memory: "1Gi" },
      },
      [
        'spec.limits[0].default[memory]: Invalid value: "1Gi": default value 2Gi is greater than max value 1Gi',
      ],
    ],
    [
      "a default of a pod",
      { type: "Pod", default: { cpu: "1" } },
      ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
    ],
    [
      "a claim without storage",
      { type: "PersistentVolumeClaim" },
      [
        "spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided",
      ],
    ],
    [
      "a ratio below 1",
      { type: "Pod", maxLimitRequestRatio: { cpu: "500m" } },
      [
        'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
      ],
    ],
    [
      "a ratio that the bounds do not allow",
      { type: "Pod", max: { cpu: "2" }, min: { cpu: "1" }, maxLimitRequestRatio: { cpu: "3" } },
      [
        'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000',
      ],
    ],
    [
      "an amount that is none",
      { type: "Pod", max: { cpu: "lots" } },
      [
        "spec.limits[0].max[cpu]: Invalid value: \"lots\": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      ],
    ],
  ])("%s", (_case, item, expected) => {
    expect(faults("LimitRange", limit(item))).toEqual(expected);
  });

  test("one item for each type", () => {
    expect(faults("LimitRange", { spec: { limits: [{ type: "Pod" }, { type: "Pod" }] } })).toEqual([
      'spec.limits[1].type: Duplicate value: "Pod"',
    ]);
  });
});

describe("ResourceQuota", () => {
  const by = (scopeName: string, operator: string, values?: string[]): object => ({
    scopeSelector: { matchExpressions: [{ scopeName, operator, values }] },
  });
  test.each<[string, object, string[]]>([
    [
      "all that can be limited",
      {
        hard: {
          pods: "1",
          cpu: "1",
          "limits.memory": "1Gi",
          "count/jobs.batch": "3",
          "requests.nvidia.com/gpu": "4",
          "gold.storageclass.storage.k8s.io/requests.storage": "1Ti",
        },
      },
      [],
    ],
    [
      "an unknown resource",
      { hard: { gpus: "1" } },
      [
        'spec.hard[gpus]: Invalid value: "gpus": must be a standard resource type or fully qualified',
        'spec.hard[gpus]: Invalid value: "gpus": must be a standard resource for quota',
      ],
    ],
    [
      "less than nothing",
      { hard: { cpu: "-1" } },
      ['spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
    [
      "half a pod",
      { hard: { pods: "500m" } },
      ['spec.hard[pods]: Invalid value: "500m": must be an integer'],
    ],
    [
      "an unknown scope",
      { scopes: ["Big"] },
      ['spec.scopes: Invalid value: []string{"Big"}: unsupported scope'],
    ],
    [
      "a scope that is not about the resource",
      { hard: { cpu: "1" }, scopes: ["BestEffort"] },
      ['spec.scopes: Invalid value: []string{"BestEffort"}: unsupported scope applied to resource'],
    ],
    [
      "scopes that exclude each other",
      { scopes: ["Terminating", "NotTerminating"] },
      ['spec.scopes: Invalid value: []string{"Terminating", "NotTerminating"}: conflicting scopes'],
    ],
    ["a class by its name", { hard: { pods: "1" }, ...by("PriorityClass", "In", ["high"]) }, []],
    [
      "In without values",
      by("PriorityClass", "In"),
      [
        "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      ],
    ],
    [
      "an unknown operator",
      by("PriorityClass", "Like", ["high"]),
      [
        'spec.scopeSelector.matchExpressions.operator: Invalid value: "Like": not a valid selector operator',
      ],
    ],
  ])("%s", (_case, spec, expected) => {
    expect(faults("ResourceQuota", { spec })).toEqual(expected);
  });

  test("keeps its scopes", () => {
    const kind = kindNamed("ResourceQuota");
    const [old, next] = [["BestEffort"], []].map((scopes) =>
      made("ResourceQuota", { spec: { scopes } }),
    );
    if (old === undefined || next === undefined) throw new Error("no quotas");
    expect(kind.validateUpdate(next, old)).toEqual([
      { path: "spec.scopes", message: "Invalid value: []string{}: field is immutable" },
    ]);
  });

  test("is shown with what is used of what it limits", () => {
    const status = { hard: { pods: "5", "limits.cpu": "2" }, used: { pods: "3" } };
    const quota = made("ResourceQuota", { status });
    const columns = kindNamed("ResourceQuota").printerColumns.slice(1);
    expect(columns.map(({ value }) => value(quota, 0))).toEqual(["pods: 3/5", "limits.cpu: 0/2"]);
  });
});
