/**
 * RandomStream: a long sequence of random numbers that belongs to (seed, purpose), so that one more
 * draw for one purpose changes no number of another. Making one costs about 3 us: for draws that
 * belong to an object use `Draws`.
 */
import seedrandom from "seedrandom";
import type { UniformSource } from "./uniform-source.ts";

export class RandomStream implements UniformSource {
  readonly #name: string;
  #generator: seedrandom.StatefulPRNG<seedrandom.State.Alea>;

  constructor(seed: string, purpose: string) {
    this.#name = `${seed}/${purpose}`;
    this.#generator = seedrandom.alea(this.#name, { state: true });
  }

  /** Uniform in [0, 1) with 53 bits. */
  next(): number {
    return this.#generator.double();
  }

  /** Where the stream stands, as plain data. */
  save(): object {
    return this.#generator.state();
  }

  /** Goes on from a saved place. */
  load(state: object): void {
    this.#generator = seedrandom.alea("", { state: state as seedrandom.State.Alea });
  }

  /** Goes back to the first number. */
  restart(): void {
    this.#generator = seedrandom.alea(this.#name, { state: true });
  }
}
