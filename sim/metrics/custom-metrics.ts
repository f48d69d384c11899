/**
 * CustomMetrics: custom.metrics.k8s.io and external.metrics.k8s.io, as an adapter serves them from a
 * time series database (kubernetes-sigs/prometheus-adapter).
 *
 *   stowage.dev/metric.NAME on a pod         a metric of that pod (UsageModel), divided or not
 *   stowage.dev/metric.NAME on any object    a metric of that object
 *   the setting metrics.series.NAME          an external metric
 *
 * A value is that of the last scrape. A pod that was not running then is missing.
 */
import {
  type ApiObject,
  type KeyRecord,
  type Pod,
  type Selector,
  timestamp,
  timestampUs,
} from "../api/index.ts";
import type { AggregatedAnswer, MetricSelection, MetricValue } from "../apiserver/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import { valueText } from "./amount-text.ts";
import type { LabelledPods } from "./labelled-pods.ts";
import type { PodStore } from "./pod-store.ts";
import { runningSinceUs } from "./pod-usage.ts";
import type { ReadyPods } from "./ready-pods.ts";
import { lastScrapeUs } from "./scrape.ts";
import { usageAt } from "./usage-integral.ts";
import type { UsageModels } from "./usage-model.ts";

/** Prefix of the annotations that give an object a metric. */
export const METRIC_ANNOTATION_PREFIX = "stowage.dev/metric.";

export interface CustomMetricsSettings {
  readonly kernel: Kernel;
  readonly store: PodStore;
  readonly pods: LabelledPods;
  readonly ready: ReadyPods;
  readonly models: UsageModels;
  readonly resolutionUs: Micros;
}

export class CustomMetrics {
  readonly #kernel: Kernel;
  readonly #store: PodStore;
  readonly #pods: LabelledPods;
  readonly #ready: ReadyPods;
  readonly #models: UsageModels;
  readonly #resolutionUs: Micros;

  constructor({ kernel, store, pods, ready, models, resolutionUs }: CustomMetricsSettings) {
    this.#kernel = kernel;
    this.#store = store;
    this.#pods = pods;
    this.#ready = ready;
    this.#models = models;
    this.#resolutionUs = resolutionUs;
  }

  /** GET of a metric of the pods with the labels, or of one object. Throws InputError. */
  custom(selection: MetricSelection, labels: Selector): AggregatedAnswer {
    const { namespace = "", metric = "", objectKind = "Pod", objectName } = selection;
    const scrapeUs = lastScrapeUs(this.#kernel.nowUs, this.#resolutionUs);
    const records: readonly KeyRecord[] =
      objectName === undefined
        ? this.#pods.select(namespace, labels)
        : [this.#find(objectKind, namespace, objectName)].filter((found) => found !== undefined);
    const items = records.flatMap((record) => {
      const object = this.#valueOf(record, metric, scrapeUs);
      return object === undefined ? [] : [{ record, object }];
    });
    if (items.length > 0) return items;
    const resource = objectKind === "Pod" ? "pods" : `${objectKind.toLowerCase()}s`;
    const message = `the server could not find the metric ${metric} for ${resource} ${objectName ?? ""}`;
    return { code: 404, reason: "NotFound", message: message.trimEnd() };
  }

  /** GET of an external metric: one series of the settings. */
  external({ namespace = "", metric = "" }: MetricSelection): AggregatedAnswer {
    const profile = this.#models.series(metric);
    if (profile === undefined) {
      const message = `the server could not find the metric ${metric} for external metrics`;
      return { code: 404, reason: "NotFound", message };
    }
    const scrapeUs = lastScrapeUs(this.#kernel.nowUs, this.#resolutionUs);
    const record = this.#store.find("Namespace", namespace);
    if (record === undefined) return [];
    const object: MetricValue = {
      apiVersion: "external.metrics.k8s.io/v1beta1",
      kind: "ExternalMetricValue",
      metadata: NO_METADATA,
      metricName: metric,
      timestamp: timestamp(scrapeUs),
      windowSeconds: 0,
      value: valueText(profile.at(scrapeUs, 0)),
    };
    return [{ record, object }];
  }

  #find(kind: string, namespace: string, name: string): KeyRecord | undefined {
    return this.#store.find(kind, `${namespace}/${name}`) ?? this.#store.find(kind, name);
  }

  #valueOf(record: KeyRecord, metric: string, scrapeUs: Micros): MetricValue | undefined {
    const object = record.stored;
    const annotation = `${METRIC_ANNOTATION_PREFIX}${metric}`;
    const text = object?.metadata.annotations?.[annotation];
    if (object === undefined || text === undefined) return undefined;
    const startUs = sinceUs(object);
    if (startUs === undefined || startUs > scrapeUs) return undefined;
    const { namespace, name } = object.metadata;
    const where = `${object.kind} ${record.key}: annotation ${annotation}`;
    const model = this.#models.parse(text, where);
    const key = record as KeyRecord<Pod>;
    const limit = Number.POSITIVE_INFINITY;
    const { metadata } = object;
    const subject = { record: key, metadata, startUs, request: 0, limit };
    return {
      apiVersion: "custom.metrics.k8s.io/v1beta2",
      kind: "MetricValue",
      metadata: NO_METADATA,
      describedObject: { kind: object.kind, name, namespace },
      metricName: metric,
      timestamp: timestamp(scrapeUs),
      windowSeconds: 0,
      value: valueText(usageAt(model, subject, this.#ready, scrapeUs)),
    };
  }
}

/** Since when an object has metrics: a pod since it runs, others since they exist. */
function sinceUs(object: ApiObject): Micros | undefined {
  if (object.kind === "Pod") return runningSinceUs(object as Pod);
  return timestampUs(object.metadata.creationTimestamp);
}

const NO_METADATA = {
  name: "",
  namespace: "",
  uid: "",
  resourceVersion: "",
  creationTimestamp: "",
};
