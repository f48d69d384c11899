import { describe, expect, test } from "vitest";
import { KeyRecord } from "../key-record.ts";
import type { Kind } from "../kind.ts";
import { createMetadata } from "../metadata.ts";
import type { PodDisruptionBudget } from "../objects.ts";
import { strictDecode } from "../strict-decoding.ts";
import { podDisruptionBudgetKind as kind } from "./pod-disruption-budget.ts";

function make(spec: object): PodDisruptionBudget {
  const record = new KeyRecord(1, "PodDisruptionBudget", "default", "web");
  return kind.defaults({ metadata: createMetadata({ name: "web" }, record, 1, 0), spec });
}

const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' " +
  "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

describe("a PodDisruptionBudget", () => {
  test("allows nothing until the controller has looked at it", () => {
    expect(make({ minAvailable: 1 })).toMatchObject({
      metadata: { generation: 1 },
      spec: { minAvailable: 1 },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    });
  });

  test.each<[object, string[]]>([
    [{}, []],
    [{ minAvailable: "100%", selector: {} }, []],
    [{ maxUnavailable: 0, unhealthyPodEvictionPolicy: "AlwaysAllow" }, []],
    [
      { minAvailable: 1, maxUnavailable: 1 },
      [
        'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: ' +
          "minAvailable and maxUnavailable cannot be both set",
      ],
    ],
    [
      { minAvailable: -1 },
      ["spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      { minAvailable: "101%" },
      ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [{ maxUnavailable: "half" }, [`spec.maxUnavailable: Invalid value: "half": ${PERCENT}`]],
    [
      { selector: { matchExpressions: [{ key: "app", operator: "In" }] } },
      [
        "spec.selector.matchExpressions[0].values: Required value: " +
          "must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
    [
      { unhealthyPodEvictionPolicy: "Never" },
      [
        'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": ' +
          'supported values: "AlwaysAllow", "IfHealthyBudget"',
      ],
    ],
  ])("%j", (spec, faults) => {
    const found = kind.validate(make(spec)).map(({ path, message }) => `${path}: ${message}`);
    expect(found).toEqual(faults);
  });

  test("knows its fields", () => {
    const object = { ...make({ minAvailable: 1, maxSurge: 1 }) };
    expect(strictDecode(kind as unknown as Kind, object)).toEqual([
      { path: "spec.maxSurge", message: expect.stringContaining("unknown field") },
    ]);
  });

  test("prints what it allows", () => {
    const texts = kind.printerColumns.map(({ name, value }) => [
      name,
      value(make({ minAvailable: "50%" }), 0),
    ]);
    expect(texts.slice(0, 3)).toEqual([
      ["MIN AVAILABLE", "50%"],
      ["MAX UNAVAILABLE", "N/A"],
      ["ALLOWED DISRUPTIONS", "0"],
    ]);
  });
});
