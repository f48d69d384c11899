/** Collects what is wrong with a file, so that the user hears all of it at once. */
import { InputError } from "../sim/kernel/index.ts";

/** Faults that one message lists; the rest is only counted. */
const LISTED_MAX = 20;

export class FaultList {
  readonly #listed: string[] = [];
  readonly #remedy: string;
  #count = 0;

  /** `remedy` says what to do about the faults: "Fix the row or take it out." */
  constructor(remedy: string) {
    this.#remedy = remedy;
  }

  get count(): number {
    return this.#count;
  }

  /** `fault` names the place, what was found and what was wanted, without a full stop. */
  add(fault: string): void {
    if (this.#count++ < LISTED_MAX) this.#listed.push(fault);
  }

  /** Throws one InputError with all faults, if there are any. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    if (this.#count === 1) throw new InputError(`${this.#listed[0]}. ${this.#remedy}`);
    const rest = this.#count - this.#listed.length;
    const more = rest > 0 ? [`... and ${rest} more (the first ${LISTED_MAX} are listed)`] : [];
    throw new InputError([...this.#listed, ...more, this.#remedy].join("\n"));
  }
}
