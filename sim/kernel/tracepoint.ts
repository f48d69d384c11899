/**
 * Tracepoints: the only way in which anything in the simulated world is observed.
 *
 * A component emits typed facts, recorders subscribe. An unobserved tracepoint costs one branch:
 *
 *   if (trace.podBound.on) trace.podBound.emit({ ... });
 */
export class Tracepoint<Fact> {
  /** True when somebody listens. Check it before building the fact. */
  on = false;
  readonly name: string;
  #observers: ((fact: Fact) => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Observers are called in the order of subscription; they must not change the simulated world. */
  subscribe(observer: (fact: Fact) => void): void {
    this.#observers.push(observer);
    this.on = true;
  }

  emit(fact: Fact): void {
    for (const observer of this.#observers) observer(fact);
  }
}
