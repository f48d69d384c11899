/**
 * Metrics of kube-apiserver (with its client of etcd) and of the controllers' work queues. Names,
 * labels and bounds: staging/src/k8s.io/apiserver/pkg/endpoints/metrics/metrics.go,
 * .../storage/etcd3/metrics/metrics.go and component-base/metrics/prometheus/workqueue, v1.30.
 */
import {
  type ApiRequestFact,
  kindNamed,
  kindNames,
  type ReconcileFact,
  type Trace,
} from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { exponentialBuckets, type MetricHistogram } from "../metric-histogram.ts";
import { labelText, type MetricFamilies } from "./metric-families.ts";
import type { NumberSeries } from "./metric-series.ts";

const REQUEST_BUCKETS = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45,
  60,
];
const QUEUE_BUCKETS = exponentialBuckets(1e-8, 10, 10);

/** What the API server calls our verbs. */
const VERBS: Readonly<Record<string, string>> = {
  create: "POST",
  update: "PUT",
  deletecollection: "DELETECOLLECTION",
};

/** The series of requests that differ in nothing. */
interface RequestSeries {
  readonly total: NumberSeries;
  readonly duration: MetricHistogram;
  readonly etcd: MetricHistogram | undefined;
}

interface QueueSeries {
  readonly depth: NumberSeries;
  readonly adds: NumberSeries;
  readonly queued: MetricHistogram;
  readonly work: MetricHistogram;
}

export class ControlPlaneMetrics {
  readonly #families: MetricFamilies;
  readonly #requests = new Map<string, RequestSeries>();
  readonly #queues = new Map<string, QueueSeries>();
  /** By controller and key record: when it was queued, when its sync began. */
  readonly #queuedUs = new Map<string, Micros>();
  readonly #startedUs = new Map<string, Micros>();

  constructor(families: MetricFamilies) {
    this.#families = families;
  }

  attach(trace: Trace): void {
    trace.apiRequest.subscribe((fact) => this.#requested(fact));
    trace.reconcile.subscribe((fact) => this.#reconciled(fact));
    trace.leadership.subscribe(({ component, step }) => {
      if (component !== "kube-controller-manager" || step !== "lost") return;
      for (const { depth } of this.#queues.values()) depth.value = 0;
      this.#queuedUs.clear();
      this.#startedUs.clear();
    });
  }

  #requested(fact: ApiRequestFact): void {
    const { verb, kind, subresource, code, proposedUs } = fact;
    const isWrite = proposedUs > 0;
    const id = `${verb} ${kind} ${subresource} ${code} ${isWrite} ${fact.record === undefined}`;
    const known = this.#requests.get(id);
    const series = known ?? this.#requestSeries(fact);
    if (known === undefined) this.#requests.set(id, series);
    series.total.value++;
    series.duration.observe((fact.handledUs - fact.arrivedUs) / 1e6);
    series.etcd?.observe((fact.handledUs - proposedUs) / 1e6);
  }

  #requestSeries({ verb, kind, subresource, code, record, proposedUs }: ApiRequestFact) {
    const { group, version, resource, isNamespaced } = apiNames(kind);
    const scope =
      record === undefined && verb !== "create"
        ? isNamespaced
          ? "namespace"
          : "cluster"
        : "resource";
    const asked = {
      component: "apiserver",
      group,
      resource,
      scope,
      subresource,
      verb: VERBS[verb] ?? verb.toUpperCase(),
      version,
    };
    const families = this.#families;
    const name = group === "" ? resource : `${resource}.${group}`;
    return {
      total: families.number(
        "apiserver_request_total",
        "Requests that the API server answered, by what was asked and HTTP status code.",
        labelText({ code: String(code), ...asked }),
      ),
      duration: families.histogram(
        "apiserver_request_duration_seconds",
        "From a request's arrival at the API server until its answer was ready.",
        labelText(asked),
        REQUEST_BUCKETS,
      ),
      etcd:
        proposedUs > 0
          ? families.histogram(
              "etcd_request_duration_seconds",
              "Writes: from the proposal to etcd until its commit.",
              labelText({ operation: verb === "patch" ? "update" : verb, type: name }),
              REQUEST_BUCKETS,
            )
          : undefined,
    };
  }

  #reconciled({ controller, record, step, timeUs }: ReconcileFact): void {
    const id = `${controller} ${record.id}`;
    const series = this.#queueSeries(controller);
    if (step === "queued") {
      series.adds.value++;
      if (this.#queuedUs.has(id)) return;
      series.depth.value++;
      this.#queuedUs.set(id, timeUs);
    } else if (step === "started") {
      const queuedUs = this.#queuedUs.get(id);
      if (queuedUs !== undefined) series.depth.value--;
      series.queued.observe((timeUs - (queuedUs ?? timeUs)) / 1e6);
      this.#queuedUs.delete(id);
      this.#startedUs.set(id, timeUs);
    } else {
      const startedUs = this.#startedUs.get(id);
      if (startedUs !== undefined) series.work.observe((timeUs - startedUs) / 1e6);
      this.#startedUs.delete(id);
    }
  }

  #queueSeries(name: string): QueueSeries {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const labels = labelText({ name });
    const families = this.#families;
    const made = {
      depth: families.number("workqueue_depth", "Keys that wait in the queue.", labels),
      adds: families.number("workqueue_adds_total", "Keys that were put into the queue.", labels),
      queued: families.histogram(
        "workqueue_queue_duration_seconds",
        "How long a key waited in the queue.",
        labels,
        QUEUE_BUCKETS,
      ),
      work: families.histogram(
        "workqueue_work_duration_seconds",
        "How long a sync took.",
        labels,
        QUEUE_BUCKETS,
      ),
    };
    this.#queues.set(name, made);
    return made;
  }
}

const known = new Set(kindNames());

function apiNames(kind: string) {
  if (!known.has(kind))
    // of an aggregated API
    return { group: "", version: "", resource: kind.toLowerCase(), isNamespaced: true };
  const { apiVersion, resource, namespaced } = kindNamed(kind);
  const [group = "", version = ""] = apiVersion.includes("/")
    ? apiVersion.split("/")
    : ["", apiVersion];
  return { group, version, resource, isNamespaced: namespaced };
}
