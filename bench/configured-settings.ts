/** Settings of a cluster as a KubeSchedulerConfiguration changes them. */
import type { ConfiguredSettings } from "../policies/index.ts";
import type { ClusterOptions } from "../sim/options/index.ts";

/** The options with what the file states; the rest stays. */
export function withConfiguredSettings(
  options: ClusterOptions,
  settings: ConfiguredSettings | undefined,
): ClusterOptions {
  if (settings === undefined) return options;
  const { clientConnection, ...backoff } = settings;
  const clients =
    clientConnection === undefined
      ? options.clients
      : {
          ...options.clients,
          "kube-scheduler": clientConnection,
          "kube-scheduler-events": clientConnection,
        };
  return { ...options, clients, scheduler: { ...options.scheduler, ...backoff } };
}
