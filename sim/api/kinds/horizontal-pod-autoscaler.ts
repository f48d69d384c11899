/**
 * HorizontalPodAutoscaler: how many replicas a workload should have, by metrics.
 * Source: pkg/apis/autoscaling/v2/defaults.go and pkg/printers/internalversion of v1.30.
 */
import { validateAutoscalerSpec } from "../autoscaler-validation.ts";
import type { FieldError, Kind } from "../kind.ts";
import { withGeneration } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { autoscaling, HorizontalPodAutoscaler } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { validateCounts } from "../status-validation.ts";

type Spec = HorizontalPodAutoscaler["spec"];
type Rules = autoscaling.HPAScalingRules;

/** Metrics that kubectl shows before it counts the rest. */
const SHOWN_METRICS = 2;
/** Without metrics: the cpu utilisation that is held. */
const DEFAULT_CPU_UTILIZATION = 80;

export const horizontalPodAutoscalerKind: Kind<HorizontalPodAutoscaler> = {
  kind: "HorizontalPodAutoscaler",
  apiVersion: "autoscaling/v2",
  resource: "horizontalpodautoscalers",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    HorizontalPodAutoscaler:
      "apiVersion kind metadata:ObjectMeta spec:HorizontalPodAutoscalerSpec status:HorizontalPodAutoscalerStatus",
    HorizontalPodAutoscalerSpec:
      "behavior:HorizontalPodAutoscalerBehavior maxReplicas:int metrics:MetricSpec[] minReplicas:int scaleTargetRef:CrossVersionObjectReference",
    HorizontalPodAutoscalerBehavior: "scaleDown:HPAScalingRules scaleUp:HPAScalingRules",
    HPAScalingRules: "policies:HPAScalingPolicy[] selectPolicy stabilizationWindowSeconds:int",
    HPAScalingPolicy: "periodSeconds:int type value:int",
    CrossVersionObjectReference: "apiVersion kind name",
    MetricSpec:
      "containerResource:ContainerResourceMetricSource external:ExternalMetricSource object:ObjectMetricSource pods:PodsMetricSource resource:ResourceMetricSource type",
    ContainerResourceMetricSource: "container name target:MetricTarget",
    ExternalMetricSource: "metric:MetricIdentifier target:MetricTarget",
    ObjectMetricSource:
      "describedObject:CrossVersionObjectReference metric:MetricIdentifier target:MetricTarget",
    PodsMetricSource: "metric:MetricIdentifier target:MetricTarget",
    ResourceMetricSource: "name target:MetricTarget",
    MetricIdentifier: "name selector:LabelSelector",
    MetricTarget: "averageUtilization:int averageValue:quantity type value:quantity",
    HorizontalPodAutoscalerStatus:
      "conditions:Condition[type] currentMetrics:any currentReplicas:int desiredReplicas:int lastScaleTime observedGeneration:int",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as Partial<Spec>;
    const defaulted: Spec = {
      scaleTargetRef: spec.scaleTargetRef ?? { kind: "", name: "" },
      minReplicas: spec.minReplicas ?? 1,
      maxReplicas: spec.maxReplicas ?? 0,
      metrics:
        spec.metrics === undefined || spec.metrics.length === 0 ? DEFAULT_METRICS : spec.metrics,
    };
    if (spec.behavior !== undefined) {
      const { scaleUp, scaleDown } = spec.behavior;
      defaulted.behavior = {
        scaleUp: { ...DEFAULT_SCALE_UP, ...scaleUp },
        scaleDown: { ...DEFAULT_SCALE_DOWN, ...scaleDown },
      };
    }
    return {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: withGeneration(given.metadata),
      spec: defaulted,
      status: (given.status ?? NO_STATUS) as HorizontalPodAutoscaler["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validateAutoscalerSpec(spec, "spec", errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  validateStatusUpdate({ status }) {
    const errors: FieldError[] = [];
    validateCounts(status, ["currentReplicas", "desiredReplicas"], errors);
    return errors;
  },

  printerColumns: [
    {
      name: "REFERENCE",
      value: ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`,
    },
    { name: "TARGETS", value: targets },
    { name: "MINPODS", value: ({ spec }) => String(spec.minReplicas ?? "<unset>") },
    { name: "MAXPODS", value: ({ spec }) => String(spec.maxReplicas) },
    { name: "REPLICAS", value: ({ status }) => String(status.currentReplicas ?? 0) },
    AGE,
  ],
};

const NO_STATUS = { desiredReplicas: 0 };

const DEFAULT_METRICS: NonNullable<Spec["metrics"]> = [
  {
    type: "Resource",
    resource: {
      name: "cpu",
      target: { type: "Utilization", averageUtilization: DEFAULT_CPU_UTILIZATION },
    },
  },
];

/** Doubling, or four pods more, every 15 s, whichever is more. */
const DEFAULT_SCALE_UP: Rules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
};

/** All at once; how long it waits for that is left to the controller's own setting. */
const DEFAULT_SCALE_DOWN: Rules = {
  selectPolicy: "Max",
  policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
};

/** kubectl's TARGETS: current/target of each metric (formatHPAMetrics). */
function targets({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return "<none>";
  const shown = metrics
    .slice(0, SHOWN_METRICS)
    .map((metric, i) => target(metric, status.currentMetrics?.[i]));
  const rest = metrics.length - SHOWN_METRICS;
  return shown.join(", ") + (rest > 0 ? ` + ${rest} more...` : "");
}

function target(
  spec: autoscaling.MetricSpec,
  status: autoscaling.MetricStatus | undefined,
): string {
  const resource = spec.resource ?? spec.containerResource;
  if (resource !== undefined) {
    const current = (status?.resource ?? status?.containerResource)?.current;
    return `${resource.name}: ${fraction(resource.target, current)}`;
  }
  const source = spec.pods ?? spec.object ?? spec.external;
  const current = (status?.pods ?? status?.object ?? status?.external)?.current;
  const text = fraction(source?.target, current);
  const isAverage = spec.type !== "Pods" && source?.target.averageValue !== undefined;
  return isAverage ? `${text} (avg)` : text;
}

function fraction(
  wanted: autoscaling.MetricTarget | undefined,
  current: autoscaling.MetricValueStatus | undefined,
): string {
  if (wanted?.averageValue !== undefined) {
    return `${current?.averageValue ?? "<unknown>"}/${wanted.averageValue}`;
  }
  if (wanted?.value !== undefined) return `${current?.value ?? "<unknown>"}/${wanted.value}`;
  const utilization = current?.averageUtilization;
  const now = utilization === undefined ? "<unknown>" : `${utilization}%`;
  return `${now}/${wanted?.averageUtilization === undefined ? "<auto>" : `${wanted.averageUtilization}%`}`;
}
