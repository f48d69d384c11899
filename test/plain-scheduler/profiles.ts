/** KubeSchedulerConfiguration, as far as scenarios use it: arguments, weights, plugins taken out. */
import type { core, Pod } from "./scenario.ts";

interface WeighedResource {
  readonly name: string;
  readonly weight?: number;
}

export interface ScoringStrategy {
  readonly type: string;
  readonly resources?: readonly WeighedResource[];
  readonly requestedToCapacityRatio?: {
    readonly shape?: readonly { readonly utilization?: number; readonly score?: number }[];
  };
}

/** Arguments of the plugins that have some. */
interface PluginArguments {
  readonly NodeResourcesFit: {
    readonly ignoredResources?: readonly string[];
    readonly ignoredResourceGroups?: readonly string[];
    readonly scoringStrategy?: ScoringStrategy;
  };
  readonly NodeResourcesBalancedAllocation: { readonly resources?: readonly WeighedResource[] };
  readonly InterPodAffinity: {
    readonly hardPodAffinityWeight?: number;
    readonly ignorePreferredTermsOfExistingPods?: boolean;
  };
  readonly NodeAffinity: { readonly addedAffinity?: core.NodeAffinity };
  readonly PodTopologySpread: {
    readonly defaultingType?: string;
    readonly defaultConstraints?: core.TopologySpreadConstraint[];
  };
}

interface PluginSet {
  readonly enabled?: readonly { readonly name: string; readonly weight?: number }[];
  readonly disabled?: readonly { readonly name: string }[];
}

type Plugins = Readonly<Record<string, PluginSet | undefined>>;

interface WrittenProfile {
  readonly schedulerName?: string;
  readonly plugins?: Plugins;
  readonly pluginConfig?: readonly { readonly name: string; readonly args: unknown }[];
}

/** getDefaultPlugins, in pkg/scheduler/apis/config/v1/default_plugins.go */
const DEFAULT_WEIGHTS: Readonly<Record<string, number>> = {
  TaintToleration: 3,
  NodeAffinity: 2,
  PodTopologySpread: 2,
  InterPodAffinity: 2,
};

export class Profile {
  readonly schedulerName: string;
  readonly #written: WrittenProfile;

  constructor(written: WrittenProfile) {
    this.schedulerName = written.schedulerName || "default-scheduler";
    this.#written = written;
  }

  arguments<Name extends keyof PluginArguments>(plugin: Name): PluginArguments[Name] {
    const config = this.#written.pluginConfig?.find(({ name }) => name === plugin);
    return (config?.args ?? {}) as PluginArguments[Name];
  }

  /**
   * The plugin's weight at an extension point ("filter", "score", ...), 0 when it is out. What is
   * said of the extension point goes before what multiPoint says, and that before the default:
   * expandMultiPointPlugins, in pkg/scheduler/framework/runtime/framework.go.
   */
  weight(plugin: string, extensionPoint: string): number {
    const standard = DEFAULT_WEIGHTS[plugin] ?? 1;
    for (const point of [extensionPoint, "multiPoint"]) {
      const { enabled = [], disabled = [] } = this.#written.plugins?.[point] ?? {};
      const own = enabled.find(({ name }) => name === plugin);
      if (own !== undefined) return own.weight || 1;
      if (disabled.some(({ name }) => name === plugin || name === "*")) return 0;
    }
    return standard;
  }
}

/** Without a configuration there is the default profile alone. */
export function profilesOf(schedulerConfig: unknown): readonly Profile[] {
  const { profiles = [{}] } = (schedulerConfig ?? {}) as { profiles?: readonly WrittenProfile[] };
  return profiles.map((written) => new Profile(written));
}

/** The profile that serves the pod. */
export const profileFor = (profiles: readonly Profile[], pod: Pod): Profile | undefined =>
  profiles.find(
    ({ schedulerName }) => schedulerName === (pod.spec.schedulerName || "default-scheduler"),
  );
