/**
 * FlushTimer: a chore that the real queue does at each tick of a period, whether or not there is
 * anything to do. Here only ticks that would find something become events. Ticks count from the
 * timer's making.
 */
import type { HandlerId, Kernel, Micros } from "../../kernel/index.ts";

export interface FlushTimerSettings {
  readonly kernel: Kernel;
  /** Unique in the cluster. */
  readonly name: string;
  readonly periodUs: Micros;
  /** A background chore does not keep the run alive when nothing else is due. */
  readonly isBackground: boolean;
  readonly flush: () => void;
}

interface FlushTimerState {
  startUs: Micros;
  /** Time of the next tick that is an event; -1: none. */
  tickUs: Micros;
}

export class FlushTimer {
  state: FlushTimerState;
  readonly #settings: FlushTimerSettings;
  readonly #onTick: HandlerId;

  constructor(settings: FlushTimerSettings) {
    const { kernel, name } = settings;
    this.#settings = settings;
    this.state = { startUs: kernel.nowUs, tickUs: -1 };
    this.#onTick = kernel.handler(`scheduler/${name}`, () => this.#tick());
    kernel.keep(`scheduler/${name}`, this);
  }

  /** There will be something to do from `dueUs` on: the first tick that is not before it counts. */
  arm(dueUs: Micros): void {
    const { kernel, periodUs, isBackground } = this.#settings;
    const { state } = this;
    const waitUs = Math.max(dueUs, kernel.nowUs) - state.startUs;
    const tickUs = state.startUs + Math.ceil(waitUs / periodUs) * periodUs;
    if (state.tickUs !== -1 && state.tickUs <= tickUs) return;
    state.tickUs = tickUs;
    if (isBackground) kernel.background(tickUs, this.#onTick, undefined, undefined);
    else kernel.at(tickUs, this.#onTick, undefined, undefined);
  }

  #tick(): void {
    if (this.#settings.kernel.nowUs !== this.state.tickUs) return; // an earlier tick took its place
    this.state.tickUs = -1;
    this.#settings.flush();
  }
}
