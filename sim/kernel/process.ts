/** Process: the handlers and kept states of one process of the simulated world; they die together. */
import { copyGraph } from "./copy-graph.ts";
import type { StateOwner } from "./kernel.ts";

export class Process {
  readonly handlers = new Set<number>();
  readonly owners = new Map<string, StateOwner>();
  readonly #isShared: (object: object) => boolean;
  /** What the states were when the process was built: they may refer to each other. */
  #first: ReadonlyMap<string, object> = new Map();

  constructor(isShared: (object: object) => boolean) {
    this.#isShared = isShared;
  }

  /** Everything is registered: remembers the states as they are. */
  built(): void {
    const states = new Map([...this.owners].map(([name, { state }]) => [name, state]));
    this.#first = copyGraph(states, this.#isShared);
  }

  /** Sets the states to what they were when the process was built. */
  begin(): void {
    const states = copyGraph(this.#first as Map<string, object>, this.#isShared);
    for (const [name, owner] of this.owners) owner.state = states.get(name) as object;
  }
}
