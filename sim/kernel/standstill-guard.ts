/**
 * StandstillGuard stops a run in which virtual time no longer moves: components that answer each
 * other without any latency would do so for ever. It names the handlers that keep firing.
 */
import { InputError } from "./input-error.ts";
import type { Micros } from "./micros.ts";

/** The last events before the limit, whose handlers are counted for the message. */
const SAMPLE = 1000;

export class StandstillGuard {
  readonly #limit: number;
  /** Events of one microsecond before the sample begins. */
  readonly #before: number;
  #count = 0;
  readonly #seen = new Map<string, number>();

  /** @param limit events that may share one microsecond; at least 1 */
  constructor(limit: number) {
    this.#limit = limit;
    this.#before = Math.max(1, limit - SAMPLE);
  }

  /** Virtual time moved, to a moment with `events` events so far: 0, or 1 for that which moved it. */
  restart(events: 0 | 1): void {
    this.#count = events;
  }

  /** Counts one more event of the same microsecond. True when its handler is to be noted. */
  tally(): boolean {
    return ++this.#count > this.#before;
  }

  /** Notes the handler of the event just counted; throws when the event is one too many. */
  note(timeUs: Micros, handlerName: string): void {
    if (this.#count === this.#before + 1) this.#seen.clear();
    this.#seen.set(handlerName, (this.#seen.get(handlerName) ?? 0) + 1);
    if (this.#count <= this.#limit) return;
    const shares = [...this.#seen]
      .sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1))
      .map(([name, count]) => `${name} (${count})`);
    throw new InputError(
      `virtual time stands still at ${timeUs} us: got more than ${this.#limit} events in this ` +
        `microsecond, the last by ${shares.join(", ")}. Want every step between components to ` +
        "take at least 1us: look for a latency of 0 in their settings.",
    );
  }
}
