/** The metrics pipeline: metrics-server and an adapter for custom metrics. */
export interface MetricsOptions {
  /** Serve metrics.k8s.io, custom.metrics.k8s.io and external.metrics.k8s.io. */
  readonly enabled: boolean;
  /** metrics-server --metric-resolution: how often it scrapes the kubelets. */
  readonly metricResolutionSeconds: number;
  /** How often the custom and external metrics are scraped (Prometheus scrape_interval). */
  readonly customMetricResolutionSeconds: number;
  /** Loads and metrics by name, each a profile over virtual time: `0s=100, 60s~400`. */
  readonly series: Readonly<Record<string, string>>;
}

export const defaultMetrics: MetricsOptions = {
  enabled: true,
  metricResolutionSeconds: 15,
  customMetricResolutionSeconds: 60,
  series: {},
};
