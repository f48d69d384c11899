import { describe, expect, test } from "vitest";
import { KeyRecord } from "../key-record.ts";
import { createMetadata } from "../metadata.ts";
import type { HorizontalPodAutoscaler } from "../objects.ts";
import { horizontalPodAutoscalerKind as kind } from "./horizontal-pod-autoscaler.ts";

function make(spec: object = {}): HorizontalPodAutoscaler {
  const record = new KeyRecord(1, "HorizontalPodAutoscaler", "default", "web");
  const metadata = createMetadata({ name: "web" }, record, 1, 0);
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  return kind.defaults({ spec: { scaleTargetRef, maxReplicas: 5, ...spec }, metadata });
}

const faults = (spec: object): string[] =>
  kind.validate(make(spec)).map(({ path, message }) => `${path}: ${message}`);

const cpu = (target: object) => ({ type: "Resource", resource: { name: "cpu", target } });
const utilization = { type: "Utilization", averageUtilization: 50 };

describe("defaults", () => {
  test("one replica at least, and 80 per cent of the cpu", () => {
    expect(make().spec).toMatchObject({
      minReplicas: 1,
      metrics: [cpu({ type: "Utilization", averageUtilization: 80 })],
    });
    expect(make().spec.behavior).toBeUndefined();
  });

  test("of a behavior that says little", () => {
    expect(make({ behavior: { scaleUp: { selectPolicy: "Min" } } }).spec.behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Min",
        policies: [
          { type: "Pods", value: 4, periodSeconds: 15 },
          { type: "Percent", value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: {
        selectPolicy: "Max",
        policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
      },
    });
  });
});

describe("validation", () => {
  test.each<[string, object, string[]]>([
    ["valid", { metrics: [cpu(utilization)] }, []],
    [
      "no minReplicas below 1",
      { minReplicas: 0 },
      ["spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"],
    ],
    [
      "a maximum",
      { maxReplicas: 0, minReplicas: 1 },
      [
        "spec.maxReplicas: Invalid value: 0: must be greater than 0",
        "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`",
      ],
    ],
    [
      "a maximum above the minimum",
      { maxReplicas: 2, minReplicas: 3 },
      ["spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`"],
    ],
    [
      "a target",
      { scaleTargetRef: { kind: "Deployment", name: "a/b" } },
      ["spec.scaleTargetRef.name: Invalid value: \"a/b\": may not contain '/'"],
    ],
    [
      "a known source",
      { metrics: [{ type: "Guess" }] },
      [
        'spec.metrics[0].type: Unsupported value: "Guess": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
      ],
    ],
    [
      "the source that the type names",
      { metrics: [{ type: "Pods", resource: { name: "cpu", target: utilization } }] },
      [
        "spec.metrics[0].pods: Required value: must populate information for the given metric source",
      ],
    ],
    [
      "one source only",
      {
        metrics: [
          {
            ...cpu(utilization),
            containerResource: { name: "cpu", container: "a", target: utilization },
          },
        ],
      },
      ["spec.metrics[0].containerResource: Forbidden: must populate the given metric source only"],
    ],
    [
      "a resource target",
      { metrics: [cpu({ type: "Utilization" })] },
      [
        "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization",
      ],
    ],
    [
      "one resource target",
      { metrics: [cpu({ ...utilization, averageValue: "1" })] },
      [
        "spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization",
      ],
    ],
    [
      "a positive utilisation",
      { metrics: [cpu({ type: "Utilization", averageUtilization: 0 })] },
      [
        "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
      ],
    ],
    [
      "a known target type",
      { metrics: [cpu({ type: "Much", averageValue: "1" })] },
      [
        'spec.metrics[0].resource.target.type: Invalid value: "Much": must be either Utilization, Value, or AverageValue',
      ],
    ],
    [
      "a container",
      {
        metrics: [
          { type: "ContainerResource", containerResource: { name: "cpu", target: utilization } },
        ],
      },
      ["spec.metrics[0].containerResource.container: Required value: must specify a container"],
    ],
    [
      "an average for pods",
      {
        metrics: [
          {
            type: "Pods",
            pods: { metric: { name: "rps" }, target: { type: "Value", value: "1" } },
          },
        ],
      },
      [
        "spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue",
      ],
    ],
    [
      "one target of an external metric",
      {
        metrics: [
          {
            type: "External",
            external: {
              metric: { name: "q" },
              target: { type: "Value", value: "1", averageValue: "1" },
            },
          },
        ],
      },
      [
        "spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target",
      ],
    ],
    [
      "a metric's name",
      {
        metrics: [
          {
            type: "Object",
            object: {
              metric: {},
              describedObject: { kind: "Service", name: "web" },
              target: { type: "Value", value: "1" },
            },
          },
        ],
      },
      ["spec.metrics[0].object.metric.name: Required value: must specify a metric name"],
    ],
    [
      "windows up to an hour",
      { behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } },
      [
        "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600",
      ],
    ],
    [
      "policies that do something",
      { behavior: { scaleUp: { policies: [{ type: "Pods", value: 0, periodSeconds: 1801 }] } } },
      [
        "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
        "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800",
      ],
    ],
    [
      "at least one policy",
      { behavior: { scaleUp: { policies: [] } } },
      ["spec.behavior.scaleUp.policies: Required value: must specify at least one Policy"],
    ],
  ])("wants %s", (_, spec, wanted) => expect(faults(spec)).toEqual(wanted));
});

test("kubectl shows what is and what should be", () => {
  const hpa = {
    ...make({
      metrics: [
        cpu(utilization),
        cpu({ type: "AverageValue", averageValue: "1" }),
        cpu(utilization),
      ],
    }),
    status: {
      desiredReplicas: 2,
      currentReplicas: 2,
      currentMetrics: [
        {
          type: "Resource",
          resource: { name: "cpu", current: { averageUtilization: 40, averageValue: "400m" } },
        },
      ],
    },
  } as HorizontalPodAutoscaler;
  const cells = kind.printerColumns.slice(0, 5).map(({ value }) => value(hpa, 0));
  expect(cells).toEqual([
    "Deployment/web",
    "cpu: 40%/50%, cpu: <unknown>/1 + 1 more...",
    "1",
    "5",
    "2",
  ]);
});
