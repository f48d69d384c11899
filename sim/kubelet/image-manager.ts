/**
 * Images of one node: what is there, and the pulls that are under way or wait
 * (pkg/kubelet/images). Pulls are serial by default, as serializeImagePulls is.
 */
import { Fifo, type Micros } from "../kernel/index.ts";
import type { ContainerRun } from "./container-run.ts";
import type { PodWorker } from "./pod-worker.ts";

export interface ImagePull {
  readonly worker: PodWorker;
  readonly run: ContainerRun;
  readonly image: string;
  readonly bytes: number;
  readonly queuedUs: Micros;
  startedUs: Micros;
}

export class NodeImages {
  /** Size in bytes of each image on the node, by name. */
  readonly present = new Map<string, number>();
  waiting = new Fifo<ImagePull>();
  activePulls = 0;
  /** When the pulls were last forgotten, since the machine died. */
  emptiedUs: Micros = -1;

  /** The machine dies: what is being pulled is lost. */
  forgetPulls(nowUs: Micros): void {
    this.waiting = new Fifo();
    this.activePulls = 0;
    this.emptiedUs = nowUs;
  }
}

/** imagePullPolicy, and its default by tag: Always for `:latest` or no tag, else IfNotPresent. */
export function mustAskRegistry(image: string, policy: string | undefined): boolean {
  if (policy !== undefined) return policy === "Always";
  const tag = image.slice(image.lastIndexOf("/") + 1).split(":")[1];
  return !image.includes("@") && (tag === undefined || tag === "latest");
}

/** Time on the wire of `bytes` at `bytesPerSecond`, in whole microseconds. */
export function transferUs(bytes: number, bytesPerSecond: number): Micros {
  return Math.ceil((bytes / bytesPerSecond) * 1_000_000);
}

/** Images of a node as its status lists them: the largest first, at most 50 (nodeStatusMaxImages). */
export function statusImages(images: NodeImages): { names: string[]; sizeBytes: number }[] {
  return [...images.present]
    .map(([name, sizeBytes]) => ({ names: [name], sizeBytes }))
    .sort((a, b) => b.sizeBytes - a.sizeBytes || ((a.names[0] ?? "") < (b.names[0] ?? "") ? -1 : 1))
    .slice(0, 50);
}
