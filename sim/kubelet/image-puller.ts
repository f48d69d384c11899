/** Pulls images for all nodes, in each node's own queue (pkg/kubelet/images/image_manager.go). */
import { annotatedImageBytes, type Container, type Trace } from "../api/index.ts";
import { type HandlerId, HopLatency, type Kernel } from "../kernel/index.ts";
import type { ContainerRun } from "./container-run.ts";
import { type ImagePull, mustAskRegistry, type NodeImages, transferUs } from "./image-manager.ts";
import type { PodWorker } from "./pod-worker.ts";

export interface ImageSettings {
  readonly serializeImagePulls: boolean;
  /** Pulls at one time when not serial; 0: no limit. */
  readonly maxParallelImagePulls: number;
  readonly imageBytesPerSecond: number;
  /** 0: an image whose size nobody states is on every node. */
  readonly defaultImageBytes: number;
}

/** What the puller needs of the kubelets. */
export interface ImagePullerHost {
  imagesOf(node: number): NodeImages;
  nameOf(node: number): string;
  /** The image is there; the pod may have been told to stop meanwhile. */
  onPulled(worker: PodWorker, run: ContainerRun, image: string): void;
  onImagesChanged(node: number): void;
}

export class ImagePuller {
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #settings: ImageSettings;
  readonly #overhead: HopLatency;
  readonly #host: ImagePullerHost;
  readonly #pulled: HandlerId<ImagePull>;

  constructor(
    kernel: Kernel,
    trace: Trace,
    settings: ImageSettings,
    overhead: string,
    host: ImagePullerHost,
  ) {
    this.#kernel = kernel;
    this.#trace = trace;
    this.#settings = settings;
    this.#overhead = new HopLatency(kernel.seed, overhead, "latency.imagePullOverhead");
    this.#host = host;
    this.#pulled = kernel.handler("kubelet/image-pulled", (pull) => this.#onPulled(pull));
  }

  /** Whether the container has to wait for the registry before it can be created. */
  needsPull(worker: PodWorker, { image, imagePullPolicy }: Container): boolean {
    if (image === undefined || image === "" || this.#bytesOf(worker) === 0) return false;
    if (!this.#host.imagesOf(worker.node).present.has(image)) return imagePullPolicy !== "Never";
    return mustAskRegistry(image, imagePullPolicy);
  }

  /** Queues a pull; the host is told when the image is there. */
  pull(worker: PodWorker, run: ContainerRun, { image = "" }: Container): void {
    const nowUs = this.#kernel.nowUs;
    const bytes = this.#bytesOf(worker);
    this.#host
      .imagesOf(worker.node)
      .waiting.push({ worker, run, image, bytes, queuedUs: nowUs, startedUs: nowUs });
    this.#startWaiting(worker.node);
  }

  #startWaiting(node: number): void {
    const images = this.#host.imagesOf(node);
    while (images.activePulls < this.#limit()) {
      const pull = images.waiting.shift();
      if (pull === undefined) return;
      if (pull.run.phase !== "pulling") continue; // its pod was told to stop
      images.activePulls++;
      pull.startedUs = this.#kernel.nowUs;
      const { record } = pull.worker;
      const overheadUs = this.#overhead.us(record.hash, pull.worker.drawCount++);
      const isThere = images.present.has(pull.image); // by an earlier pull: layers are not fetched again
      const bytesUs = isThere ? 0 : transferUs(pull.bytes, this.#settings.imageBytesPerSecond);
      this.#kernel.after(overheadUs + bytesUs, this.#pulled, pull, undefined);
    }
  }

  #onPulled(pull: ImagePull): void {
    const { worker, image, bytes, queuedUs, startedUs } = pull;
    const images = this.#host.imagesOf(worker.node);
    if (startedUs < images.emptiedUs) return; // the machine has died meanwhile
    images.activePulls--;
    const { imagePulled } = this.#trace;
    if (imagePulled.on) {
      imagePulled.emit({
        record: worker.record,
        node: this.#host.nameOf(worker.node),
        timeUs: this.#kernel.nowUs,
        image,
        bytes: images.present.has(image) ? 0 : bytes,
        queuedUs,
        startedUs,
      });
    }
    if (!images.present.has(image)) {
      images.present.set(image, bytes);
      this.#host.onImagesChanged(worker.node);
    }
    this.#host.onPulled(worker, pull.run, image);
    this.#startWaiting(worker.node);
  }

  #limit(): number {
    if (this.#settings.serializeImagePulls) return 1;
    const { maxParallelImagePulls } = this.#settings;
    return maxParallelImagePulls === 0 ? Number.POSITIVE_INFINITY : maxParallelImagePulls;
  }

  #bytesOf(worker: PodWorker): number {
    const stated = annotatedImageBytes(worker.pod.metadata.annotations);
    return stated ?? this.#settings.defaultImageBytes;
  }
}
