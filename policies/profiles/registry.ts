/**
 * The policies that can be named on the command line and in experiment files.
 */
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import type { Profile } from "../../sim/scheduler/index.ts";
import type { ResourceSpec } from "../plugin-args.ts";
import { defaultProfile, profileWithScores } from "./default-profile.ts";
import { makePlugin } from "./in-tree.ts";
import type { ProfileOptions } from "./profile-options.ts";

export type ProfileFactory = (options?: ProfileOptions) => Profile;

/** A named policy: one line for help texts, and its profile. */
interface NamedProfile {
  readonly description: string;
  readonly make: ProfileFactory;
}

/**
 * Bin packing over CPU, memory and GPUs. Our assumption, after the example of the Kubernetes
 * documentation ("Resource Bin Packing"), which gives extended resources three times the weight.
 */
const PACKED_RESOURCES: readonly ResourceSpec[] = [
  { name: "cpu", weight: 1 },
  { name: "memory", weight: 1 },
  { name: "nvidia.com/gpu", weight: 3 },
  { name: "alibabacloud.com/gpu-milli", weight: 3 },
];

const profiles: ReadonlyMap<string, NamedProfile> = new Map<string, NamedProfile>([
  [
    "default",
    { description: "kube-scheduler's default plugins and weights", make: (o) => defaultProfile(o) },
  ],
  [
    "most-allocated",
    {
      description: "default, but NodeResourcesFit scores MostAllocated: pack CPU and memory",
      make: (o) => withStrategy(o, { type: "MostAllocated" }),
    },
  ],
  [
    "requested-to-capacity-ratio",
    {
      description: "default, but NodeResourcesFit packs CPU, memory and GPUs (weight 3) by a shape",
      make: (o) =>
        withStrategy(o, {
          type: "RequestedToCapacityRatio",
          resources: PACKED_RESOURCES,
          requestedToCapacityRatio: {
            shape: [
              { utilization: 0, score: 0 },
              { utilization: 100, score: 10 },
            ],
          },
        }),
    },
  ],
  ["random", { description: "any feasible node, uniformly", make: (o) => onlyScore("Random", o) }],
  [
    "first-fit",
    {
      description: "the first feasible node in the order of joining",
      make: (o) => onlyScore("FirstFit", o),
    },
  ],
  [
    "gpu-best-fit",
    {
      description: "least CPU and GPU left over: BestFit of the ATC'23 fragmentation study",
      make: (o) => onlyScore("GpuBestFit", o),
    },
  ],
]);

/** Names of the built-in policies. */
export function profileNames(): readonly string[] {
  return [...profiles.keys()];
}

/** One line on each built-in policy, for help texts. */
export function describeProfiles(): readonly { name: string; description: string }[] {
  return [...profiles].map(([name, { description }]) => ({ name, description }));
}

/** The built-in policy called `name`. Throws InputError, with the nearest name, when unknown. */
export function profileByName(name: string, options: ProfileOptions = {}): Profile {
  const found = profiles.get(name);
  if (found !== undefined) return found.make(options);
  const near = nearestName(name, profileNames());
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new InputError(
    `There is no policy "${name}".${hint} Known: ${profileNames().join(", ")}; ` +
      "or give a policy file by its path, as ./mine.ts.",
  );
}

function withStrategy(options: ProfileOptions | undefined, scoringStrategy: object): Profile {
  return defaultProfile(options, { NodeResourcesFit: { scoringStrategy } as object });
}

function onlyScore(plugin: string, options: ProfileOptions | undefined): Profile {
  return profileWithScores([{ plugin: makePlugin(plugin), weight: 1 }], options);
}
