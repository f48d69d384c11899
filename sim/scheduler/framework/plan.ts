/**
 * EvaluationPlan: a profile's filters and scorers, sorted by what they claim.
 */
import { InputError } from "../../kernel/index.ts";
import type { AnyPlugin, Normalize, Profile } from "./interface.ts";

/**
 * What the framework may reuse of a plugin's verdicts.
 *   spec  one per kind of node    node  one per node, until the node changes    live  nothing
 */
export type Reuse = "spec" | "node" | "live";

export interface PlannedPlugin {
  readonly plugin: AnyPlugin;
  /** Place in the plan: names the plugin in per-pod arrays. */
  readonly index: number;
  readonly weight: number;
  readonly normalize: Normalize;
  readonly filterReuse: Reuse;
  readonly scoreReuse: Reuse;
  /** A locality of `spec` or `node` is claimed: what is handed over is restricted to the claims. */
  readonly isClaimed: boolean;
  /** It is handed a view of the pod, the same for all pods that agree in the fields it reads. */
  readonly isKeyed: boolean;
}

export interface EvaluationPlan {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number;
  /** Nothing tells nodes apart: the first that fits will do. */
  readonly takesFirst: boolean;
  /** Every plugin with an evaluation point, in profile order. */
  readonly plugins: readonly PlannedPlugin[];
  readonly filters: readonly PlannedPlugin[];
  readonly scorers: readonly PlannedPlugin[];
}

/** Totals are kept in 32 bits. */
const WEIGHT_SUM_MAX = 20_000_000;

/** Sorts a profile's plugins. Throws InputError for weights and percentages that make no sense. */
export function planEvaluation(profile: Profile): EvaluationPlan {
  const percentage = profile.percentageOfNodesToScore;
  if (!Number.isInteger(percentage) || percentage < 0 || percentage > 100) {
    throw new InputError(
      `profile "${profile.schedulerName}" percentageOfNodesToScore: got ${percentage}, ` +
        "want a whole number from 0 (adaptive) to 100. Correct it.",
    );
  }
  const plugins: PlannedPlugin[] = [];
  let weightSum = 0;
  for (const { plugin, weight } of profile.plugins) {
    if (!Number.isInteger(weight) || weight < 0) {
      throw new InputError(
        `profile "${profile.schedulerName}" plugin "${plugin.name}": got weight ${weight}, ` +
          "want a whole number, 0 or more. Correct it.",
      );
    }
    weightSum += weight;
    const isEvaluated = plugin.preFilter !== undefined || plugin.filter !== undefined;
    if (isEvaluated || plugin.score !== undefined) {
      plugins.push(planPlugin(plugin, weight, plugins.length));
    }
  }
  if (weightSum > WEIGHT_SUM_MAX) {
    throw new InputError(
      `profile "${profile.schedulerName}": the weights sum to ${weightSum}, ` +
        `want at most ${WEIGHT_SUM_MAX}. Lower them.`,
    );
  }
  const scorers = plugins.filter(({ plugin, weight }) => plugin.score !== undefined && weight > 0);
  return {
    schedulerName: profile.schedulerName,
    percentageOfNodesToScore: percentage,
    takesFirst: scorers.length === 0 && profile.looksAtAllNodes !== true,
    plugins,
    filters: plugins.filter(({ plugin }) => plugin.filter !== undefined),
    scorers,
  };
}

function planPlugin(plugin: AnyPlugin, weight: number, index: number): PlannedPlugin {
  const normalize = plugin.normalize ?? "none";
  const isClaimed = plugin.locality === "spec" || plugin.locality === "node";
  const filterReuse: Reuse = isClaimed ? (plugin.locality as Reuse) : "live";
  // Normalised over all feasible nodes, a value per node cannot be added up beforehand.
  const isCoupled =
    typeof normalize === "object" || (filterReuse === "node" && normalize !== "none");
  const scoreReuse = isCoupled ? "live" : filterReuse;
  const isKeyed = isClaimed || (plugin.locality === "cluster" && plugin.reads !== undefined);
  return { plugin, index, weight, normalize, filterReuse, scoreReuse, isClaimed, isKeyed };
}
