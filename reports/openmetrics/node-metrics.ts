/**
 * Metrics of the kubelets, the kube-proxies and the name servers, over all nodes together. Names and
 * bounds: pkg/kubelet/metrics/metrics.go, pkg/proxy/metrics/metrics.go of v1.30; CoreDNS' plugin/metrics.
 */
import type { Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { exponentialBuckets } from "../metric-histogram.ts";
import type { MetricFamilies } from "./metric-families.ts";

const linear = (start: number, width: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => start + width * index);

const START_BUCKETS = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800,
  2700, 3600,
];
const PROGRAMMING_BUCKETS = [
  ...linear(0.25, 0.25, 2),
  ...linear(1, 1, 59),
  ...linear(60, 5, 12),
  ...linear(120, 30, 7),
];
const DNS_BUCKETS = exponentialBuckets(0.00025, 2, 16);

export class NodeMetrics {
  readonly #families: MetricFamilies;
  /** Pods that a kubelet knows and has not started, by the id of their record. */
  readonly #observedUs = new Map<number, Micros>();
  readonly #running = new Set<number>();

  constructor(families: MetricFamilies) {
    this.#families = families;
  }

  attach(trace: Trace): void {
    const families = this.#families;
    const starts = families.histogram(
      "kubelet_pod_start_duration_seconds",
      "From the kubelet seeing a pod for the first time until all its containers have started.",
      "",
      START_BUCKETS,
    );
    const running = families.number("kubelet_running_pods", "Pods whose containers run.", "");
    trace.podObserved.subscribe(({ record, timeUs }) => this.#observedUs.set(record.id, timeUs));
    trace.podStarted.subscribe(({ record, timeUs }) => {
      const observedUs = this.#observedUs.get(record.id);
      if (observedUs !== undefined) starts.observe((timeUs - observedUs) / 1e6);
      this.#observedUs.delete(record.id);
      this.#running.add(record.id);
      running.value = this.#running.size;
    });
    trace.podFinished.subscribe(({ record }) => {
      this.#running.delete(record.id);
      running.value = this.#running.size;
    });
    trace.committed.subscribe(({ type, record }) => {
      if (type === "DELETED" && record.kind === "Pod") this.#observedUs.delete(record.id);
    });
    const programming = families.histogram(
      "kubeproxy_network_programming_duration_seconds",
      "From a change of a Service or of a pod's readiness until a proxy's rules have it.",
      "",
      PROGRAMMING_BUCKETS,
    );
    trace.proxySync.subscribe(({ programmingUs }) => {
      for (const us of programmingUs) programming.observe(us / 1e6);
    });
    const lookups = families.histogram(
      "coredns_dns_request_duration_seconds",
      "Lookups that went to a name server, as their clients saw them: with the network and all queries.",
      "",
      DNS_BUCKETS,
    );
    trace.nameLookup.subscribe(({ startUs, endUs, queries }) => {
      if (queries > 0) lookups.observe((endUs - startUs) / 1e6);
    });
  }
}
