/**
 * The published figures, each with its source and its use. `fitted` ones were used to choose one
 * constant of sim/options; nothing was ever chosen to bring a `predicted` one nearer.
 */
import type { Figure, Unit } from "./figure.ts";

const BLOG_2015 = "kubernetes.io blog, September 2015 (v1.0, 100 nodes)";
const BLOG_1_2 = "kubernetes.io blog, March 2016 (v1.2, 1,000 nodes)";
const BLOG_1_6 = "kubernetes.io blog, March 2017 (v1.6, 5,000 nodes)";
const SLO = "kubernetes/community sig-scalability/slos/slos.md";
const ETCD = "etcd op-guide/performance.md";
const ETCD_WATCH = "etcd api_guarantees.md";
const KEP_5229 = "KEP-5229";
const SCHEDULER_PERF = "kubernetes test/integration/scheduler_perf/misc/performance-config.yaml";
const SLICES = "KEP-0752, sample case 1";
const SLACKER = "Slacker, FAST'16";
const KEP_3866 = "KEP-3866, iptables-vs-nftables.svg";
const PR_692 = "kubernetes/community PR 692 (2017)";
const PR_124272 = "kubernetes PR 124272";
const PR_126013 = "kubernetes PR 126013";
const PR_130119 = "kubernetes PR 130119";
const KEP_3453 = "KEP-3453";

function about(value: number, unit: Unit, use: Figure["use"], source: string): Figure {
  return { value, unit, bound: "about", use, source };
}

function atMost(value: number, unit: Unit, source: string): Figure {
  return { value, unit, bound: "at most", use: "predicted", source };
}

function atLeast(value: number, unit: Unit, source: string): Figure {
  return { value, unit, bound: "at least", use: "predicted", source };
}

/** A rule of Kubernetes' configuration from which the value follows by arithmetic. */
export function byArithmetic(value: number, unit: Unit, rule: string): Figure {
  return about(value, unit, "definition", rule);
}

/** The same for a limit that follows from such rules. */
export function atMostBy(value: number, unit: Unit, rule: string): Figure {
  return { ...atMost(value, unit, rule), use: "definition" };
}

export function atLeastBy(value: number, unit: Unit, rule: string): Figure {
  return { ...atLeast(value, unit, rule), use: "definition" };
}

/** Start-up of a pod in a cluster of 100 nodes, by how full it is: p50, p90, p99. */
export const startUp2015 = [
  { percentFull: 10, p50: 0.9, p90: 1.29, p99: 1.59 },
  { percentFull: 25, p50: 1.08, p90: 1.49, p99: 1.86 },
  { percentFull: 50, p50: 1.33, p90: 1.72, p99: 2.56 },
  { percentFull: 100, p50: 1.94, p90: 2.5, p99: 4.32 },
].map(({ percentFull, p50, p90, p99 }) => ({
  percentFull,
  /** One constant, the scale of `latency.podSandbox`, is fitted to the first of them. */
  p50: about(p50, "s", percentFull === 10 ? "fitted" : "predicted", BLOG_2015),
  p90: about(p90, "s", "predicted", BLOG_2015),
  p99: about(p99, "s", "predicted", BLOG_2015),
}));

/** Round trips of first packets: p01, p50, p90, p99, us, and those of them that a constant is fitted to. */
export const firstPackets = [
  firstPacket("iptables", 5_000, [16, 47, 118, 154], ["p50", "p99"]),
  firstPacket("iptables", 10_000, [8, 59, 185, 260], []),
  firstPacket("iptables", 30_000, [39, 272, 489, 713], []),
  firstPacket("nftables", 5_000, [8, 12, 20, 35], ["p50"]),
  firstPacket("nftables", 30_000, [8, 12, 20, 35], []),
  // Measured on one machine. A node's rules are for Services, whatever the number of nodes.
  firstPacket("iptables", 5_000, [16, 47, 118, 154], [], 100),
  firstPacket("iptables", 5_000, [16, 47, 118, 154], [], 1_000),
  firstPacket("nftables", 5_000, [8, 12, 20, 35], [], 100),
  firstPacket("nftables", 5_000, [8, 12, 20, 35], [], 1_000),
];

function firstPacket(
  mode: string,
  services: number,
  us: readonly number[],
  fitted: readonly string[],
  nodes = 1,
) {
  const probabilities = { p01: 0.01, p50: 0.5, p90: 0.9, p99: 0.99 };
  const quantiles = Object.entries(probabilities).map(([name, probability], i) => {
    const use = fitted.includes(name) ? "fitted" : "predicted";
    return { name, probability, figure: about(us[i] ?? 0, "us", use, KEP_3866) };
  });
  return { mode, services, nodes, quantiles };
}

export const published = {
  startUpSlo: atMost(5, "s", SLO),
  startUp1000: atMost(3, "s", BLOG_1_2),
  mutatingSlo: atMost(1000, "ms", SLO),
  readSlo: atMost(1000, "ms", SLO),
  listSlo: atMost(30_000, "ms", SLO),
  callsAll: atMost(500, "ms", BLOG_1_6),
  callsP90: atMost(100, "ms", BLOG_1_6),
  oneWatcher: atLeast(500, "/s", BLOG_1_6),
  watchDelay: { ...atMost(10, "ms", ETCD_WATCH), use: "fitted" },
  watchCacheLag: atMost(100, "ms", `${BLOG_1_2}: "tens of ms"`),
  etcdOneClientRate: about(583, "/s", "predicted", ETCD),
  etcdOneClientDelay: about(1.6, "ms", "predicted", ETCD),
  etcdManyClientsRate: about(44_341, "/s", "fitted", ETCD),
  etcdManyClientsDelay: about(22, "ms", "predicted", ETCD),
  schedulerRate: atLeast(100, "/s", `${KEP_5229}: 100 to 150 in real clusters`),
  schedulerCycle: atMost(10, "ms", KEP_5229),
  schedulerPerfBasic: atLeast(680, "/s", SCHEDULER_PERF),
  endpointsUpdate: about(10e9, "bytes", "predicted", SLICES),
  sliceUpdate: about(50e6, "bytes", "predicted", SLICES),
  updateSaving: about(200, "times", "predicted", SLICES),
  rolloutSaving: about(200, "times", "predicted", SLICES),
  endpointsRollout: about(200e12, "bytes", "predicted", SLICES),
  sliceRollout: about(1e12, "bytes", "predicted", SLICES),
  pullShare: about(0.76, "share", "predicted", SLACKER),
} as const satisfies Record<string, Figure>;

/**
 * One sync of a kube-proxy. The bases of a sync are fitted to the first row of each mode; that ipvs
 * costs nothing per Service, to `ipvsMany`. The restarts' ratio gave the cost of a rule in nftables
 * from that in iptables, their lengths nothing.
 */
export const ruleWriting = {
  iptables1: about(2, "ms", "fitted", PR_692),
  iptables5000: about(660, "s", "fitted", PR_692),
  iptables20000: about(18_000, "s", "predicted", PR_692),
  ipvs1: about(2, "ms", "fitted", PR_692),
  ipvsMany: about(2, "ms", "fitted", PR_692),
  restartIptables: about(40, "s", "predicted", PR_130119),
  restartNftables: about(194, "s", "predicted", PR_130119),
  nftablesFull: about(480, "s", "predicted", PR_126013),
  nftablesPartial: about(141, "ms", "predicted", PR_126013),
} as const satisfies Record<string, Figure>;

/** kubeproxy_network_programming_duration_seconds. The cost of a rule in iptables is fitted to `full`. */
export const programming = {
  full: about(27, "s", "fitted", KEP_3453),
  partial: about(13, "s", "predicted", KEP_3453),
  partialOften: about(5, "s", "predicted", KEP_3453),
  nftablesP50: about(1.52, "s", "predicted", PR_124272),
  nftablesP90: about(2.28, "s", "predicted", PR_124272),
  nftablesP99: about(6.82, "s", "predicted", PR_124272),
} as const satisfies Record<string, Figure>;
