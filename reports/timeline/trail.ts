/**
 * Trail: the hops of a timeline, laid end to end. Each is said by where it ends; it starts where
 * the one before ended, so that there can be neither gap nor overlap.
 */
import type { Micros } from "../../sim/kernel/index.ts";
import { type ObjectName, objectText } from "./object-log.ts";
import type { Hop, HopStep } from "./timeline.ts";

export interface HopWords {
  readonly component: string;
  readonly step: HopStep;
  readonly object: ObjectName;
  readonly text: string;
}

export class Trail {
  readonly hops: Hop[] = [];
  beginning = "";
  #startUs: Micros | undefined;
  #cursorUs: Micros = 0;

  /** Where it starts, for the first who says so. */
  begin(timeUs: Micros, beginning: string): void {
    if (this.#startUs !== undefined) return;
    this.#startUs = timeUs;
    this.#cursorUs = timeUs;
    this.beginning = beginning;
  }

  get hasBegun(): boolean {
    return this.#startUs !== undefined;
  }

  get startUs(): Micros {
    return this.#startUs ?? 0;
  }

  get cursorUs(): Micros {
    return this.#cursorUs;
  }

  /** Goes on to a moment. One that has passed already, or never came (-1), adds nothing. */
  to(timeUs: Micros, { component, step, object, text }: HopWords): void {
    if (this.#startUs === undefined) this.begin(timeUs, "");
    if (timeUs <= this.#cursorUs) return;
    const startUs = this.#cursorUs;
    this.hops.push({ startUs, endUs: timeUs, component, step, object: objectText(object), text });
    this.#cursorUs = timeUs;
  }
}
