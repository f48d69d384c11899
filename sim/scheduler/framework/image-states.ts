/**
 * ImageStates: which nodes have which image. Plain data: part of the run's state.
 *
 * Source: addNodeImageStates of kubernetes/pkg/scheduler/internal/cache/cache.go, v1.30. An
 * image's size is taken from the first node that reports it, as there.
 */
import type { Node } from "../../api/index.ts";

export interface ImageState {
  readonly sizeBytes: number;
  nodeCount: number;
}

export type ImageStates = Map<string, ImageState>;

/** Takes in a node's images; the result is the node's own view of them. */
export function addImages(states: ImageStates, node: Node): ReadonlyMap<string, number> {
  const onNode = new Map<string, number>();
  for (const image of node.status.images ?? []) {
    for (const name of image.names ?? []) {
      if (onNode.has(name)) continue;
      let state = states.get(name);
      if (state === undefined) {
        state = { sizeBytes: image.sizeBytes ?? 0, nodeCount: 0 };
        states.set(name, state);
      }
      state.nodeCount++;
      onNode.set(name, state.sizeBytes);
    }
  }
  return onNode;
}

/** Forgets the images of a node that left or reports anew. */
export function removeImages(states: ImageStates, onNode: ReadonlyMap<string, number>): void {
  for (const name of onNode.keys()) {
    const state = states.get(name);
    if (state === undefined) continue;
    if (--state.nodeCount === 0) states.delete(name);
  }
}
