/**
 * AggregatedApis: resources that are not stored but computed by another server behind the API server
 * (kube-aggregator): the metrics APIs. They can be listed, and nothing else.
 */
import type { ApiObject } from "../api/index.ts";
import type { ApiCall, ListItem, Selection } from "./api-call.ts";

/** What a list of metrics asks for, beside the namespace. */
export interface MetricSelection extends Selection {
  /** Labels of the objects that the metrics are about; absent: all. Text as kubectl -l takes it. */
  readonly labels?: string;
  /** Name of a custom or external metric. */
  readonly metric?: string;
  /** Custom metrics: the kind of the objects that the metric is about, and the name of the one. */
  readonly objectKind?: string;
  readonly objectName?: string;
  /** Labels of the metric's own. */
  readonly metricLabels?: string;
}

/** An aggregated server's answer: what it found, or why it fails. */
export type AggregatedAnswer =
  | readonly ListItem[]
  | { readonly code: 404 | 500 | 503; readonly reason: string; readonly message: string };

export type AggregatedProvider = (selection: MetricSelection) => AggregatedAnswer;

/** Kinds that only an aggregated API serves, with the resource as error texts name it. */
const RESOURCES: ReadonlyMap<string, string> = new Map([
  ["PodMetrics", "pods.metrics.k8s.io"],
  ["NodeMetrics", "nodes.metrics.k8s.io"],
  ["MetricValueList", "*.custom.metrics.k8s.io"],
  ["ExternalMetricValueList", "*.external.metrics.k8s.io"],
]);

/** `pods.metrics.k8s.io` of an aggregated kind; undefined for those that are stored. */
export function aggregatedResource(kind: string): string | undefined {
  return RESOURCES.get(kind);
}

export class AggregatedApis {
  readonly #providers = new Map<string, AggregatedProvider>();

  /** Serves a kind from now on. Call it when wiring. */
  register(kind: string, provider: AggregatedProvider): void {
    if (!RESOURCES.has(kind)) throw new Error(`"${kind}" is no aggregated kind`);
    this.#providers.set(kind, provider);
  }

  /** Answers a list of an aggregated kind, and says whether it was one. */
  list(call: ApiCall, revision: number): boolean {
    const resource = RESOURCES.get(call.kind);
    if (resource === undefined) return false;
    const provider = this.#providers.get(call.kind);
    if (provider === undefined) {
      const message = `the server could not find the requested resource (get ${resource})`;
      call.fail(404, "NotFound", message);
      return true;
    }
    const answer = provider(call.body as MetricSelection);
    if ("code" in answer) call.fail(answer.code, answer.reason, answer.message);
    else {
      call.items = answer;
      call.revision = revision;
      call.succeed(200, undefined);
    }
    return true;
  }
}

/** PodMetrics of metrics.k8s.io/v1beta1. */
export interface PodMetrics extends ApiObject {
  readonly timestamp: string;
  /** As Go prints a duration: `15s`. */
  readonly window: string;
  readonly containers: readonly {
    readonly name: string;
    readonly usage: Readonly<Record<string, string>>;
  }[];
}

/** NodeMetrics of metrics.k8s.io/v1beta1. */
export interface NodeMetrics extends ApiObject {
  readonly timestamp: string;
  readonly window: string;
  readonly usage: Readonly<Record<string, string>>;
}

/** One value of custom.metrics.k8s.io/v1beta2 or external.metrics.k8s.io/v1beta1. */
export interface MetricValue extends ApiObject {
  /** custom: what the metric is about. */
  readonly describedObject?: {
    readonly kind: string;
    readonly name: string;
    readonly namespace: string;
  };
  readonly metricName: string;
  readonly timestamp: string;
  /** 0: the value is of the moment. */
  readonly windowSeconds: number;
  readonly value: string;
}
