export { ArrivalBuffer } from "./arrival-buffer.ts";
export { Digest } from "./digest.ts";
export { type Distribution, parseTimeDistribution, type TimeDistribution } from "./distribution.ts";
export { formatDuration, goDuration, parseDuration } from "./duration.ts";
export { Fifo } from "./fifo.ts";
export { HopLatency } from "./hop-latency.ts";
export { InputError } from "./input-error.ts";
export {
  type HandlerId,
  Kernel,
  type KernelSettings,
  type KernelSnapshot,
  type RunEnd,
  type StateOwner,
} from "./kernel.ts";
export type { Micros } from "./micros.ts";
export { nearestName } from "./nearest-name.ts";
export { createStream, Draws, hashPath, hashString } from "./random.ts";
export type { RandomStream } from "./random-stream.ts";
export { SimEvent } from "./sim-event.ts";
export { Tracepoint } from "./tracepoint.ts";
export type { UniformSource } from "./uniform-source.ts";
