/**
 * The metrics pipeline of one cluster: serves the metrics APIs through the API server's aggregation.
 */
import { type Pod, parseSelectorString, type Selector } from "../api/index.ts";
import type { AggregatedApis, MetricSelection } from "../apiserver/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { MetricsOptions } from "../options/index.ts";
import { CustomMetrics, METRIC_ANNOTATION_PREFIX } from "./custom-metrics.ts";
import { LabelledPods } from "./labelled-pods.ts";
import { MetricsServer } from "./metrics-server.ts";
import type { PodStore, PodWork } from "./pod-store.ts";
import { CPU_USAGE_ANNOTATION, MEMORY_USAGE_ANNOTATION, PodUsage } from "./pod-usage.ts";
import { ReadyPods } from "./ready-pods.ts";
import { UsageModels, type UsageTerm } from "./usage-model.ts";

export interface MetricsSettings {
  readonly kernel: Kernel;
  readonly store: PodStore;
  readonly apis: AggregatedApis;
  readonly options: MetricsOptions;
  /** What the network knows of served requests; by default nothing. */
  readonly work?: PodWork;
}

const SECOND_US = 1_000_000;
const NO_WORK: PodWork = { requestsInService: () => undefined };

/** Wires the pipeline. With `enabled` false nothing is served and nothing is tracked. */
export function createMetrics({ kernel, store, apis, options, work }: MetricsSettings): void {
  if (!options.enabled) return;
  const resolutionUs = Math.round(options.metricResolutionSeconds * SECOND_US);
  const customResolutionUs = Math.round(options.customMetricResolutionSeconds * SECOND_US);
  const models = new UsageModels(options.series);
  // A window ends at most one resolution ago, and is one long.
  const historyUs = 2 * Math.max(resolutionUs, customResolutionUs);
  const ready = new ReadyPods(kernel, historyUs, (annotations, pod) =>
    sharedLoads(models, annotations, pod),
  );
  store.observe("Pod", (entry) => ready.onCommit(entry));
  const pods = new LabelledPods(kernel, store);
  const usage = new PodUsage(models, ready, work ?? NO_WORK);
  const server = new MetricsServer({ kernel, store, pods, usage, resolutionUs });
  const custom = new CustomMetrics({
    kernel,
    store,
    pods,
    ready,
    models,
    resolutionUs: customResolutionUs,
  });
  apis.register("PodMetrics", (selection) => server.podMetrics(selection, labelsOf(selection)));
  apis.register("NodeMetrics", (selection) => server.nodeMetrics(labelsOf(selection)));
  apis.register("MetricValueList", (selection) => custom.custom(selection, labelsOf(selection)));
  apis.register("ExternalMetricValueList", (selection) => custom.external(selection));
}

function labelsOf({ labels = "" }: MetricSelection): Selector {
  const selector = parseSelectorString(labels);
  if (typeof selector === "string") throw new Error(`selector "${labels}": ${selector}`);
  return selector;
}

/** The loads that a pod has a part in. Throws InputError for annotations that cannot be read. */
function sharedLoads(
  models: UsageModels,
  annotations: Readonly<Record<string, string>>,
  { metadata }: Pod,
): readonly UsageTerm[] {
  const loads = new Map<string, UsageTerm>();
  for (const [name, text] of Object.entries(annotations)) {
    const isUsage =
      name.startsWith(CPU_USAGE_ANNOTATION) ||
      name.startsWith(MEMORY_USAGE_ANNOTATION) ||
      name.startsWith(METRIC_ANNOTATION_PREFIX);
    if (!isUsage) continue;
    const where = `pod ${metadata.namespace}/${metadata.name}: annotation ${name}`;
    for (const term of models.parse(text, where))
      if (term.kind === "share") loads.set(term.text, term);
  }
  return [...loads.values()];
}
