/** Scores: RunScorePlugins, in framework/runtime/framework.go, and the simple score plugins. */
import type { IncomingPod } from "./incoming-pod.ts";
import { matchesTerm, preferredNodeAffinity } from "./node-affinity.ts";
import type { NodeState } from "./node-state.ts";
import { podAffinityScores } from "./pod-affinity-score.ts";
import { balancedScores, fitScores } from "./resource-scores.ts";
import { intolerableSoftTaints } from "./taints.ts";
import { topologySpreadScores } from "./topology-spread-score.ts";

/** 0..100 of each node; undefined: PreScore skips the plugin. */
type Scorer = (incoming: IncomingPod, nodes: readonly NodeState[]) => readonly number[] | undefined;

const SCORERS: readonly (readonly [plugin: string, scorer: Scorer])[] = [
  ["TaintToleration", taintScores],
  ["NodeAffinity", nodeAffinityScores],
  ["NodeResourcesFit", fitScores],
  ["NodeResourcesBalancedAllocation", balancedScores],
  ["ImageLocality", imageScores],
  ["PodTopologySpread", topologySpreadScores],
  ["InterPodAffinity", podAffinityScores],
];

/** Of each node, the score times the weight of each plugin. */
export function scoreNodes(
  incoming: IncomingPod,
  nodes: readonly NodeState[],
): readonly Readonly<Record<string, number>>[] {
  const byNode = nodes.map((): Record<string, number> => ({}));
  for (const [plugin, scorer] of SCORERS) {
    const weight = incoming.profile.weight(plugin, "score");
    if (weight === 0) continue;
    for (const [index, score] of (scorer(incoming, nodes) ?? []).entries()) {
      const scores = byNode[index];
      if (scores !== undefined) scores[plugin] = score * weight;
    }
  }
  return byNode;
}

/** DefaultNormalizeScore, in plugins/helper/normalize_score.go */
function normalize(raw: readonly number[], isReversed: boolean): readonly number[] {
  const highest = Math.max(0, ...raw);
  return raw.map((score) => {
    const share = highest === 0 ? 0 : Math.trunc((100 * score) / highest);
    return isReversed ? 100 - share : share;
  });
}

/** plugins/tainttoleration/taint_toleration.go: few taints that are only a wish are good. */
function taintScores({ pod }: IncomingPod, nodes: readonly NodeState[]): readonly number[] {
  const counts = nodes.map(({ node }) => intolerableSoftTaints(node, pod));
  return normalize(counts, true);
}

/** plugins/nodeaffinity/node_affinity.go: the weights of the preferred terms that match. */
function nodeAffinityScores(
  { pod, profile }: IncomingPod,
  nodes: readonly NodeState[],
): readonly number[] | undefined {
  const terms = [
    ...preferredNodeAffinity(profile.arguments("NodeAffinity").addedAffinity),
    ...preferredNodeAffinity(pod.spec.affinity?.nodeAffinity),
  ];
  if (terms.length === 0) return undefined;
  const sums = nodes.map(({ node }) =>
    terms
      .filter(({ preference }) => matchesTerm(preference, node))
      .reduce((sum, { weight }) => sum + weight, 0),
  );
  return normalize(sums, false);
}

const MEBIBYTE = 1024 * 1024;

/**
 * plugins/imagelocality/image_locality.go: bytes of the pod's images that the node has, each scaled
 * by the share of all nodes that have it.
 */
function imageScores(
  { pod, cluster }: IncomingPod,
  nodes: readonly NodeState[],
): readonly number[] {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const wanted = containers.map(({ image = "" }) => withTag(image));
  const images = imagesOf(cluster.nodes);
  const lowest = 23 * MEBIBYTE;
  const highest = 1000 * MEBIBYTE * wanted.length;
  return nodes.map((node) => {
    let sum = 0;
    for (const name of wanted) {
      const image = images.get(name);
      if (!image?.nodes.has(node)) continue;
      sum += Math.trunc(image.sizeBytes * (image.nodes.size / cluster.nodes.length));
    }
    const bounded = sum < lowest ? lowest : Math.min(sum, highest);
    return Math.trunc((100 * (bounded - lowest)) / (highest - lowest));
  });
}

interface Image {
  /** As the first node that has it says. */
  readonly sizeBytes: number;
  readonly nodes: Set<NodeState>;
}

/** addNodeImageStates, in pkg/scheduler/internal/cache/cache.go */
function imagesOf(nodes: readonly NodeState[]): ReadonlyMap<string, Image> {
  const images = new Map<string, Image>();
  for (const state of nodes) {
    for (const { names = [], sizeBytes = 0 } of state.node.status.images ?? []) {
      for (const name of names) {
        const image = images.get(name) ?? { sizeBytes, nodes: new Set() };
        image.nodes.add(state);
        images.set(name, image);
      }
    }
  }
  return images;
}

/** normalizedImageName */
const withTag = (image: string): string =>
  image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image;
