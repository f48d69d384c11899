/** Settings that no cluster can have: each is a number of the right type, and yet nothing would run. */
import { kindNames } from "../sim/api/index.ts";
import { InputError, nearestName } from "../sim/kernel/index.ts";
import { clientNames } from "../sim/options/index.ts";
import type { Experiment } from "./experiment.ts";

type Cluster = Experiment["cluster"];

interface Rule {
  /** Path under `cluster`. */
  readonly path: string;
  readonly value: (cluster: Cluster) => number;
  readonly isRight: (value: number) => boolean;
  readonly wanted: string;
}

const count = (path: string, value: Rule["value"], least = 1): Rule => ({
  path,
  value,
  isRight: (n) => Number.isInteger(n) && n >= least,
  wanted: `a whole number, ${least} or more`,
});
/** What is done again and again needs time in between. */
const period = (path: string, value: Rule["value"]): Rule => ({
  path,
  value,
  isRight: (seconds) => seconds > 0,
  wanted: "more than 0 seconds",
});

const RULES: readonly Rule[] = [
  count("apiserver.replicas", ({ apiserver }) => apiserver.replicas),
  count("apiserver.maxRequestsInflight", ({ apiserver }) => apiserver.maxRequestsInflight),
  count(
    "apiserver.maxMutatingRequestsInflight",
    ({ apiserver }) => apiserver.maxMutatingRequestsInflight,
  ),
  period("apiserver.requestTimeoutSeconds", ({ apiserver }) => apiserver.requestTimeoutSeconds),
  count("etcd.members", ({ etcd }) => etcd.members),
  count("etcd.electionTimeoutMilliseconds", ({ etcd }) => etcd.electionTimeoutMilliseconds),
  count("etcd.historyPerKind", ({ etcd }) => etcd.historyPerKind),
  count("leaderElection.replicas", ({ leaderElection }) => leaderElection.replicas),
  period(
    "leaderElection.retryPeriodSeconds",
    ({ leaderElection }) => leaderElection.retryPeriodSeconds,
  ),
  period(
    "controllerManager.nodeMonitorPeriodSeconds",
    ({ controllerManager }) => controllerManager.nodeMonitorPeriodSeconds,
  ),
  period(
    "controllerManager.podGcPeriodSeconds",
    ({ controllerManager }) => controllerManager.podGcPeriodSeconds,
  ),
  period(
    "controllerManager.horizontalPodAutoscaler.syncPeriodSeconds",
    ({ controllerManager }) => controllerManager.horizontalPodAutoscaler.syncPeriodSeconds,
  ),
  period(
    "kubelet.nodeStatusUpdateFrequencySeconds",
    ({ kubelet }) => kubelet.nodeStatusUpdateFrequencySeconds,
  ),
  period("kubelet.nodeLeaseDurationSeconds", ({ kubelet }) => kubelet.nodeLeaseDurationSeconds),
  period("metrics.metricResolutionSeconds", ({ metrics }) => metrics.metricResolutionSeconds),
  period(
    "metrics.customMetricResolutionSeconds",
    ({ metrics }) => metrics.customMetricResolutionSeconds,
  ),
];

/** Throws InputError for the first setting that cannot be; `where` names the file in it. */
export function refuseImpossible({ cluster }: Experiment, where: string): void {
  for (const { path, value, isRight, wanted } of RULES) {
    const found = value(cluster);
    if (isRight(found)) continue;
    throw new InputError(`${where}cluster.${path}: got ${found}, want ${wanted}.`);
  }
  refuseElection(cluster, where);
  for (const [name, { qps, burst }] of Object.entries(cluster.clients)) {
    // user/NAME: whom steps act `as`; there may be any.
    if (!name.startsWith("user/") && !clientNames.includes(name)) {
      const near = nearestName(name, clientNames);
      const meant =
        near === undefined ? `Known: ${clientNames.join(", ")}.` : `Did you mean "${near}"?`;
      throw new InputError(`${where}cluster.clients: there is no client "${name}". ${meant}`);
    }
    if (qps === 0 || burst >= 1) continue;
    throw new InputError(
      `${where}cluster.clients.${name}: got burst ${burst}, want 1 or more: a bucket that holds no token lets nothing pass.`,
    );
  }
  refuseUnknownKinds(cluster, where);
}

/** client-go's leaderelection.go: a leader must have given up before another one may begin. */
function refuseElection({ leaderElection }: Cluster, where: string): void {
  const { leaseDurationSeconds, renewDeadlineSeconds, retryPeriodSeconds } = leaderElection;
  const path = `${where}cluster.leaderElection`;
  if (leaseDurationSeconds <= renewDeadlineSeconds)
    throw new InputError(
      `${path}.leaseDurationSeconds: got ${leaseDurationSeconds}, want more than renewDeadlineSeconds, which is ${renewDeadlineSeconds}.`,
    );
  if (renewDeadlineSeconds <= 1.2 * retryPeriodSeconds)
    throw new InputError(
      `${path}.renewDeadlineSeconds: got ${renewDeadlineSeconds}, want more than 1.2 times retryPeriodSeconds, which is ${retryPeriodSeconds}.`,
    );
}

function refuseUnknownKinds({ apiserver }: Cluster, where: string): void {
  for (const [i, { kinds }] of apiserver.webhooks.entries())
    for (const kind of kinds) {
      if (kind === "*" || kindNames().includes(kind)) continue;
      throw new InputError(
        `${where}cluster.apiserver.webhooks[${i}].kinds: got "${kind}", want "*" or kinds out of: ${kindNames().join(", ")}.`,
      );
    }
}
