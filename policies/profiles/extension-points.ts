/**
 * Extension points by their names in KubeSchedulerConfiguration, and which plugin has which.
 *
 * Source: getExtensionPoints of kubernetes/pkg/scheduler/framework/runtime/framework.go, v1.30, and
 * the interfaces that the plugins under framework/plugins implement.
 */
import { type AnyPlugin, markBuiltIn, SKIP } from "../../sim/scheduler/index.ts";

export type Point =
  | "preFilter"
  | "filter"
  | "postFilter"
  | "reserve"
  | "preScore"
  | "score"
  | "preBind"
  | "bind"
  | "postBind"
  | "permit"
  | "preEnqueue"
  | "queueSort";

/** In the order in which kube-scheduler fills them. */
export const POINTS: readonly Point[] = [
  "preFilter",
  "filter",
  "postFilter",
  "reserve",
  "preScore",
  "score",
  "preBind",
  "bind",
  "postBind",
  "permit",
  "preEnqueue",
  "queueSort",
];

/** `ScorePlugin`: the interface by which kube-scheduler's messages call an extension point. */
export function interfaceOf(point: Point): string {
  return `${point.slice(0, 1).toUpperCase()}${point.slice(1)}Plugin`;
}

/** The methods of a plugin that belong to a point. */
const METHODS: Readonly<Record<Point, readonly (keyof AnyPlugin)[]>> = {
  preFilter: ["preFilter", "addPod", "removePod"],
  filter: ["filter"],
  postFilter: ["postFilter", "explainPostFilter"],
  reserve: ["reserve", "unreserve"],
  preScore: ["preScore"],
  score: ["score"],
  preBind: ["preBind"],
  bind: ["bind"],
  postBind: ["postBind"],
  permit: ["permit"],
  preEnqueue: ["preEnqueue"],
  queueSort: ["compare"],
};

const FILTERS: readonly Point[] = ["preFilter", "filter"];
const SCORES: readonly Point[] = ["preScore", "score"];

/**
 * The points of kube-scheduler's own plugins. The objects here may differ: what a plugin prepares
 * for its nodes is a preFilter or preScore here where the real one has none.
 */
const POINTS_OF_DEFAULT_PLUGINS: ReadonlyMap<string, readonly Point[]> = new Map<
  string,
  readonly Point[]
>([
  ["SchedulingGates", ["preEnqueue"]],
  ["PrioritySort", ["queueSort"]],
  ["NodeUnschedulable", ["filter"]],
  ["NodeName", ["filter"]],
  ["TaintToleration", ["filter", ...SCORES]],
  ["NodeAffinity", [...FILTERS, ...SCORES]],
  ["NodePorts", FILTERS],
  ["NodeResourcesFit", [...FILTERS, ...SCORES]],
  ["VolumeRestrictions", FILTERS],
  ["EBSLimits", FILTERS],
  ["GCEPDLimits", FILTERS],
  ["NodeVolumeLimits", FILTERS],
  ["AzureDiskLimits", FILTERS],
  ["CinderLimits", FILTERS],
  ["VolumeBinding", [...FILTERS, ...SCORES, "reserve", "preBind"]],
  ["VolumeZone", FILTERS],
  ["PodTopologySpread", [...FILTERS, ...SCORES]],
  ["InterPodAffinity", [...FILTERS, ...SCORES]],
  ["DefaultPreemption", ["postFilter"]],
  ["NodeResourcesBalancedAllocation", SCORES],
  ["ImageLocality", ["score"]],
  ["DefaultBinder", ["bind"]],
]);

/**
 * Filters and scores that do without what their preFilter or preScore prepares: they compute it
 * anew. The others fail every pod (`reading "PreFilterNodePorts" from cycleState: not found`).
 */
const FILTERS_ALONE: ReadonlySet<string> = new Set([
  "NodeAffinity",
  "VolumeZone",
  "NodeVolumeLimits",
  "EBSLimits",
  "GCEPDLimits",
  "AzureDiskLimits",
  "CinderLimits",
]);
const SCORES_ALONE: ReadonlySet<string> = new Set([
  "NodeAffinity",
  "NodeResourcesFit",
  "NodeResourcesBalancedAllocation",
  "VolumeBinding",
]);

/** The points that a plugin extends: kube-scheduler's own list, or what it has methods for. */
export function pointsOf(name: string, plugin: AnyPlugin | undefined): readonly Point[] {
  const known = POINTS_OF_DEFAULT_PLUGINS.get(name);
  if (known !== undefined) return known;
  return POINTS.filter((point) => METHODS[point].some((method) => plugin?.[method] !== undefined));
}

/**
 * The point whose state a plugin lacks where it is enabled, so that kube-scheduler would fail every
 * pod; undefined: none.
 */
export function missingPreparation(name: string, enabled: readonly Point[]): Point | undefined {
  const extended = POINTS_OF_DEFAULT_PLUGINS.get(name) ?? [];
  const lacks = (point: Point, user: Point): boolean =>
    enabled.includes(user) && extended.includes(point) && !enabled.includes(point);
  if (lacks("preFilter", "filter") && !FILTERS_ALONE.has(name)) return "preFilter";
  return lacks("preScore", "score") && !SCORES_ALONE.has(name) ? "preScore" : undefined;
}

/**
 * The plugin as it acts when it is enabled at these points only: without the methods of the
 * others. A preFilter without its filter still rejects pods and leaves out nodes; a filter without
 * its preFilter prepares its state, and nothing else.
 */
export function restrict(plugin: AnyPlugin, enabled: readonly Point[]): AnyPlugin {
  const extended = pointsOf(plugin.name, plugin);
  const on = new Set(enabled);
  const hasOwn = (point: Point): boolean => extended.includes(point);
  const isComplete = extended.every((point) => on.has(point));
  if (isComplete) return plugin;
  const kept: Record<string, unknown> = { ...plugin };
  const drop = (point: Point): void => {
    for (const method of METHODS[point]) delete kept[method];
  };
  for (const point of POINTS) {
    const isPreparation = point === "preFilter" || point === "preScore";
    if (!isPreparation && !on.has(point)) drop(point);
  }
  if (!on.has("score")) drop("preScore");
  if (!on.has("filter")) {
    if (hasOwn("preFilter") && on.has("preFilter")) kept["filter"] = passes;
    else drop("preFilter");
  } else if (hasOwn("preFilter") && !on.has("preFilter")) {
    kept["preFilter"] = stateOnly(plugin.preFilter);
  }
  return markBuiltIn(kept as unknown as AnyPlugin);
}

const passes = (): undefined => undefined;

function stateOnly(preFilter: AnyPlugin["preFilter"]): AnyPlugin["preFilter"] {
  return (pod, cluster) => {
    const result = preFilter?.(pod, cluster) ?? SKIP;
    return result === SKIP ? SKIP : { state: result.state };
  };
}
