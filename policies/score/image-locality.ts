/**
 * ImageLocality prefers nodes that hold the pod's images, weighing each image by its size and by
 * how widely it is spread, so that pods do not all gather on one node.
 *
 * Score: per image on the node trunc(size * nodes with the image / all nodes), summed over
 * containers and init containers, then mapped from 23 MiB .. 1000 MiB * containers to 0..100.
 * Not normalised. Its locality is `cluster`: a node that pulls an image changes the score of every
 * node that has it. Skipped when no node has any image of the pod: all would score 0.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/imagelocality/image_locality.go, v1.30.
 */
import {
  type ClusterInfo,
  definePlugin,
  type NodeCounts,
  type Plugin,
  SKIP,
} from "../../sim/scheduler/index.ts";

const MIB = 1024 * 1024;
/** Below this an image is not worth moving a pod for (minThreshold). */
const BYTES_MIN = 23 * MIB;
/** Per container: more bytes than this earn no more (maxContainerThreshold). */
const BYTES_MAX_PER_CONTAINER = 1000 * MIB;

/** The pod's images that some node has, each once: which nodes have it, and what it is worth. */
interface ImageState {
  readonly nodes: readonly NodeCounts[];
  /** Over all containers that use the image. */
  readonly worthBytes: readonly number[];
  readonly bytesMax: number;
}

export function imageLocality(): Plugin<undefined, ImageState> {
  return definePlugin<undefined, ImageState>({
    name: "ImageLocality",
    locality: "cluster",
    reads: ["images"],
    requeueOn: [], // it never rejects

    preScore(pod, cluster) {
      const state = imageState(pod.images, cluster);
      return state.nodes.length === 0 ? SKIP : { state, counts: state.nodes };
    },

    score(_pod, { slot }, { nodes, worthBytes, bytesMax }) {
      let bytes = 0;
      for (let i = 0; i < nodes.length; i++) {
        if (nodes[i]?.at(slot) === 1) bytes += worthBytes[i] ?? 0;
      }
      const counted = Math.min(Math.max(bytes, BYTES_MIN), bytesMax);
      return Math.trunc((100 * (counted - BYTES_MIN)) / (bytesMax - BYTES_MIN));
    },
  });
}

function imageState(podImages: readonly string[], cluster: ClusterInfo): ImageState {
  const images: string[] = [];
  const worthBytes: number[] = [];
  for (const image of podImages) {
    const spread = cluster.imageSpread(image);
    if (spread === undefined) continue;
    const worth = Math.trunc(spread.sizeBytes * (spread.nodeCount / cluster.nodes.length));
    const known = images.indexOf(image);
    if (known >= 0) worthBytes[known] = (worthBytes[known] ?? 0) + worth;
    else {
      images.push(image);
      worthBytes.push(worth);
    }
  }
  const nodes = images.map((image) => cluster.imageNodes(image));
  return { nodes, worthBytes, bytesMax: BYTES_MAX_PER_CONTAINER * podImages.length };
}
