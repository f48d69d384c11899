/** How long pods take to start, and API calls to answer, in clusters of 100 to 5,000 nodes. */

import { CallRecorder } from "./call-recorder.ts";
import {
  type Churn,
  churningCluster,
  PODS_PER_NODE,
  type Span,
  withLimits,
} from "./fidelity-cluster.ts";
import type { FidelityRow, FidelityTable } from "./figure.ts";
import { groupedNumber } from "./grouped-number.ts";
import { published, startUp2015 } from "./published.ts";
import { StartUpRecorder } from "./start-up-recorder.ts";

interface Measured {
  readonly span: Span;
  readonly startUps: StartUpRecorder;
  readonly calls: CallRecorder;
}

/** Runs a cluster to its end; what was measured in each phase. */
function measure(churn: Churn): Measured[] {
  const { cluster, spans } = churningCluster(churn);
  const measured = spans.map((span) => {
    const startUps = new StartUpRecorder();
    const calls = new CallRecorder();
    startUps.attach(cluster.trace, span);
    calls.attach(cluster.trace, span);
    return { span, startUps, calls };
  });
  cluster.start();
  cluster.run(Number.MAX_SAFE_INTEGER);
  return measured;
}

/** 100 nodes, more or less full: the measurement of 2015. */
export function hundredNodes(isQuick: boolean): FidelityTable {
  const fills = isQuick ? startUp2015.slice(0, 1) : startUp2015;
  const rows = fills.flatMap(({ percentFull, p50, p90, p99 }) => {
    const podsPerNode = (PODS_PER_NODE * percentFull) / 100;
    const phases = [{ podsPerSecond: 5, seconds: isQuick ? 60 : 400 }];
    const recorders = measure({ nodes: 100, podsPerNode, phases });
    const seconds = (probability: number): number =>
      recorders[0]?.startUps.seconds(probability) ?? 0;
    const what = `start-up, ${percentFull} % full`;
    return [
      { what: `${what}, p50`, simulated: seconds(0.5), published: p50 },
      { what: `${what}, p90`, simulated: seconds(0.9), published: p90 },
      { what: `${what}, p99`, simulated: seconds(0.99), published: p99 },
    ];
  });
  return {
    title: "Pod start-up, 100 nodes",
    note:
      "From creation until a watcher sees that the containers run; images are on the nodes; 5 pods a second beside " +
      "3 to 30 pods that run on each node. The published times are of Kubernetes 1.0 on the hardware of 2015, when " +
      "every step took longer on a fuller cluster; nothing in the model does so at this size.",
    rows,
  };
}

/** 1,000 and 5,000 nodes with 30 pods each under churn; start-up and API calls of the same runs. */
export function largeClusters(isQuick: boolean): FidelityTable[] {
  const podsPerNode = isQuick ? 3 : PODS_PER_NODE;
  const options = withLimits("kube-scheduler");
  const seconds = isQuick ? 20 : 120;
  const slow = { podsPerSecond: 20, seconds };
  const fast = { podsPerSecond: 100, seconds: seconds / 2 };
  const small = isQuick ? 300 : 1000;
  const large = isQuick ? 1000 : 5000;
  const runs = [
    ...measure({ nodes: small, podsPerNode, phases: [slow], options }).map((run) => ({
      ...run,
      label: label(small, slow.podsPerSecond),
    })),
    ...measure({ nodes: large, podsPerNode, phases: [slow, fast], options }).map((run, i) => ({
      ...run,
      label: label(large, (i === 0 ? slow : fast).podsPerSecond),
    })),
  ];
  const setting = isQuick
    ? "Quick: 3 pods a node; 300 nodes in place of 1,000, and 1,000 in place of 5,000."
    : "30 pods run on each node.";
  return [
    {
      title: "Pod start-up, large clusters",
      note: `${setting} As many pods go as come; kube-scheduler without a rate limit (see below for what its default limit does).`,
      rows: runs.flatMap((run, i) => startUpRows(run.label, run.startUps, i === 0)),
    },
    {
      title: "API calls",
      note:
        "From the arrival at the server until the answer is ready, in the same runs. Informers have their " +
        "lists since before the run, so nobody lists in it.",
      rows: runs.flatMap((run) => callRows(run.label, run.calls)),
    },
    {
      title: "Watches",
      note: "Pod events that kube-scheduler's watch gets, and how long after their commit, in the same runs.",
      rows: runs.flatMap((run) => watchRows(run)),
    },
  ];
}

function label(nodes: number, podsPerSecond: number): string {
  return `${groupedNumber(nodes)} nodes, ${podsPerSecond}/s`;
}

function startUpRows(name: string, startUps: StartUpRecorder, is1000: boolean): FidelityRow[] {
  const row = (percent: number, figure = published.startUpSlo): FidelityRow => ({
    what: `${name}: start-up p${percent}`,
    simulated: startUps.seconds(percent / 100),
    published: figure,
  });
  const rows = [row(50), row(90), row(99)];
  return is1000 ? [...rows, row(99, published.startUp1000)] : rows;
}

const ms = (us: number): number => us / 1000;

function callRows(name: string, { byVerb, mutating, gets, lists }: CallRecorder): FidelityRow[] {
  const rows: FidelityRow[] = [];
  for (const verb of [...byVerb.keys()].sort()) {
    const series = byVerb.get(verb);
    if (series === undefined) continue;
    const isList = verb === "list";
    const isRead = isList || verb === "get";
    const slo = isList ? published.listSlo : isRead ? published.readSlo : published.mutatingSlo;
    const what = `${name}: ${verb}`;
    rows.push({ what: `${what} p99`, simulated: ms(series.quantileUs(0.99)), published: slo });
  }
  for (const [what, series] of [
    ["mutating", mutating],
    ["read of one", gets],
    ["read of many", lists],
  ] as const) {
    if (series.count === 0) continue;
    const [p90, p99] = [ms(series.quantileUs(0.9)), ms(series.quantileUs(0.99))];
    rows.push({ what: `${name}: all ${what}, p90`, simulated: p90, published: published.callsP90 });
    rows.push({ what: `${name}: all ${what}, p99`, simulated: p99, published: published.callsAll });
  }
  return rows;
}

function watchRows({ startUps, span, label: name }: Measured & { label: string }): FidelityRow[] {
  const { deliveries } = startUps;
  const perSecond = (deliveries.count * 1e6) / (span.toUs - span.fromUs);
  const [p50, p99] = [ms(deliveries.quantileUs(0.5)), ms(deliveries.quantileUs(0.99))];
  const rows = [
    { what: `${name}: delay p50`, simulated: p50, published: published.watchDelay },
    { what: `${name}: delay p99`, simulated: p99, published: published.watchCacheLag },
  ];
  if (perSecond < published.oneWatcher.value) return rows;
  const what = `${name}: events to one watcher`;
  return [...rows, { what, simulated: perSecond, published: published.oneWatcher }];
}
