/** PodSampleStore: samples of all pods of a run, by running number, for what is known at its end. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { Requests } from "../pod-requests.ts";
import type { PodSample } from "./pod-sample.ts";

/** Numbers kept of a pod: 72 bytes, so that a million pods take less than 100 MB. */
const CREATED = 0;
const WAIT = 1;
const STARTUP = 2;
const SLO_STARTUP = 3;
const COMPLETION = 4;
const RUN = 5;
const HELD = 6;
const REQUESTS = 7;
/** The namespace's index times FLAGS_END, plus the flags. */
const NAMESPACE_AND_FLAGS = 8;
const NUMBERS = 9;
const FLAGS_END = 64;

const CHUNK_BITS = 12;
const CHUNK_PODS = 1 << CHUNK_BITS;

export class PodSampleStore {
  readonly #chunks: Float64Array[] = [];
  readonly #namespaces = new Interned<string>();
  readonly #requests = new Interned<Requests>();
  /** Pods stored: all numbers below must have come before samples are read. */
  count = 0;

  /** Keeps a copy. Pods come in any order, each once. */
  put(sample: PodSample): void {
    const index = sample.seq >> CHUNK_BITS;
    while (this.#chunks.length <= index) this.#chunks.push(new Float64Array(CHUNK_PODS * NUMBERS));
    const chunk = this.#chunks[index] as Float64Array;
    const at = (sample.seq & (CHUNK_PODS - 1)) * NUMBERS;
    chunk[at + CREATED] = sample.createdUs;
    chunk[at + WAIT] = sample.waitUs;
    chunk[at + STARTUP] = sample.startupUs;
    chunk[at + SLO_STARTUP] = sample.sloStartupUs;
    chunk[at + COMPLETION] = sample.completionUs;
    chunk[at + RUN] = sample.runUs;
    chunk[at + HELD] = sample.heldUs;
    chunk[at + REQUESTS] = this.#requests.indexOf(sample.requests);
    chunk[at + NAMESPACE_AND_FLAGS] =
      this.#namespaces.indexOf(sample.namespace) * FLAGS_END + sample.flags;
    this.count++;
  }

  /** Reads the sample of the pod with this running number, 0..count-1, into `sample`. */
  read(seq: number, sample: PodSample): void {
    const chunk = this.#chunks[seq >> CHUNK_BITS] as Float64Array;
    const at = (seq & (CHUNK_PODS - 1)) * NUMBERS;
    const number = (place: number): number => chunk[at + place] as number;
    sample.seq = seq;
    sample.createdUs = number(CREATED);
    sample.waitUs = number(WAIT);
    sample.startupUs = number(STARTUP);
    sample.sloStartupUs = number(SLO_STARTUP);
    sample.completionUs = number(COMPLETION);
    sample.runUs = number(RUN);
    sample.heldUs = number(HELD);
    sample.requests = this.#requests.at(number(REQUESTS));
    const packed = number(NAMESPACE_AND_FLAGS);
    sample.flags = packed % FLAGS_END;
    sample.namespace = this.#namespaces.at((packed - sample.flags) / FLAGS_END);
  }

  createdUs(seq: number): Micros {
    const chunk = this.#chunks[seq >> CHUNK_BITS] as Float64Array;
    return chunk[(seq & (CHUNK_PODS - 1)) * NUMBERS + CREATED] as number;
  }
}

/** Values with a number each, in order of their first coming. */
class Interned<T> {
  readonly #indexes = new Map<T, number>();
  readonly #values: T[] = [];

  indexOf(value: T): number {
    const known = this.#indexes.get(value);
    if (known !== undefined) return known;
    this.#indexes.set(value, this.#values.length);
    return this.#values.push(value) - 1;
  }

  at(index: number): T {
    return this.#values[index] as T;
  }
}
