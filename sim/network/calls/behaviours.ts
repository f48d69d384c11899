/**
 * Behaviours: who says what the pods of a Service do with requests: of all that were registered the
 * first that speaks for it.
 */
import type { Call } from "../call/index.ts";
import type { ServiceBehaviour } from "./call-engine.ts";

export class Behaviours {
  readonly #all: ServiceBehaviour[] = [];
  /** By the target's number, which means another Service in another state; found again when asked. */
  #known: ServiceBehaviour[] = [];
  #knownIn: object | undefined;

  add(behaviour: ServiceBehaviour): void {
    this.#all.push(behaviour);
  }

  /** `state`: the run's, which the target belongs to. O(1) for a target that was asked for before. */
  of({ target }: Call, state: object): ServiceBehaviour {
    if (this.#knownIn !== state) {
      this.#knownIn = state;
      this.#known = [];
    }
    const known = this.#known[target.number];
    if (known !== undefined) return known;
    const found = this.#all.find((each) => each.serves(target.service));
    if (found === undefined) throw new Error(`nothing says how ${target.service} is served`);
    this.#known[target.number] = found;
    return found;
  }
}
