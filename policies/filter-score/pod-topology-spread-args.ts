/** Arguments of PodTopologySpread, as KubeSchedulerConfiguration writes them. */
import type { core } from "../../sim/api/index.ts";
import type { TypedArgs } from "../plugin-args.ts";
import { checkPluginArgs } from "../plugin-args-validation.ts";

export interface PodTopologySpreadArgs extends TypedArgs {
  /** For pods without constraints of their own; `labelSelector` is deduced for each pod. */
  readonly defaultConstraints?: readonly core.TopologySpreadConstraint[];
  /** System (the default): built-in soft constraints. List: `defaultConstraints`, possibly none. */
  readonly defaultingType?: "System" | "List";
}

/** What pods without constraints of their own get. */
export interface SpreadDefaults {
  readonly constraints: readonly core.TopologySpreadConstraint[];
  /** The built-in ones: nodes that lack one of the labels are scored all the same. */
  readonly isSystem: boolean;
}

/** systemDefaultConstraints of podtopologyspread/plugin.go, v1.30. */
const SYSTEM_CONSTRAINTS: readonly core.TopologySpreadConstraint[] = [
  { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", maxSkew: 3 },
  { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", maxSkew: 5 },
];

/** The defaults that the arguments ask for. Throws InputError when the arguments are wrong. */
export function spreadDefaults(args: PodTopologySpreadArgs): SpreadDefaults {
  const { defaultConstraints = [], defaultingType } = checkPluginArgs("PodTopologySpread", args);
  const isSystem = defaultingType !== "List";
  return { constraints: isSystem ? SYSTEM_CONSTRAINTS : defaultConstraints, isSystem };
}
