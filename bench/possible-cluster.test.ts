import { expect, test } from "vitest";
import { type ClusterOptions, defaultClusterOptions } from "../sim/index.ts";
import type { Experiment } from "./experiment.ts";
import { refuseImpossible } from "./possible-cluster.ts";

const { apiserver, clients, controllerManager, etcd, kubelet, leaderElection } =
  defaultClusterOptions;

function judge(options: Partial<ClusterOptions>): () => void {
  const cluster = { ...defaultClusterOptions, ...options };
  return () => refuseImpossible({ cluster, faults: [] } as unknown as Experiment, "");
}

test.each<[string, Partial<ClusterOptions>]>([
  [
    "cluster.controllerManager.nodeMonitorPeriodSeconds",
    { controllerManager: { ...controllerManager, nodeMonitorPeriodSeconds: 0 } },
  ],
  [
    "cluster.controllerManager.podGcPeriodSeconds",
    { controllerManager: { ...controllerManager, podGcPeriodSeconds: 0 } },
  ],
  [
    "cluster.kubelet.nodeStatusUpdateFrequencySeconds",
    { kubelet: { ...kubelet, nodeStatusUpdateFrequencySeconds: 0 } },
  ],
])("a period of 0 is refused: %s", (path, options) => {
  expect(judge({})).not.toThrow();
  expect(judge(options)).toThrow(`${path}: got 0, want more than 0 seconds.`);
});

const webhook = { name: "w", type: "validating", kinds: ["Podd"], latency: "1ms" } as const;

test.each<[string, Partial<ClusterOptions>]>([
  ["cluster.etcd.members: got 0, want a whole number", { etcd: { ...etcd, members: 0 } }],
  [
    "cluster.leaderElection.leaseDurationSeconds: got 5, want more than renewDeadlineSeconds",
    { leaderElection: { ...leaderElection, leaseDurationSeconds: 5 } },
  ],
  [
    "cluster.leaderElection.renewDeadlineSeconds: got 2, want more than 1.2 times",
    { leaderElection: { ...leaderElection, renewDeadlineSeconds: 2 } },
  ],
  [
    'cluster.clients: there is no client "kublet". Did you mean "kubelet"?',
    { clients: { ...clients, kublet: { qps: 1, burst: 1 } } },
  ],
  [
    "cluster.clients.kubelet: got burst 0, want 1 or more",
    { clients: { ...clients, kubelet: { qps: 1, burst: 0 } } },
  ],
  [
    'cluster.apiserver.webhooks[0].kinds: got "Podd", want "*" or kinds out of: ',
    { apiserver: { ...apiserver, webhooks: [webhook] } as unknown as ClusterOptions["apiserver"] },
  ],
])("what cannot be is refused: %s", (message, options) => {
  expect(judge(options)).toThrow(message);
});
