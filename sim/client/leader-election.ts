/**
 * LeaderElection: which replica of a component works, and when another one takes over after it has
 * died (client-go tools/leaderelection).
 *
 * The leader renews a Lease every retry period, and a candidate may take it when it has not been
 * renewed for the lease duration. Renewals without news are no requests here: when the last one was
 * follows from the period and from the times at which the API server was out of reach. A leader that
 * cannot renew for the renew deadline exits, as the real one does.
 */

import { type HandlerId, HopLatency, type Kernel, type Micros } from "../kernel/index.ts";
import type { LeaderElectionOptions } from "../options/index.ts";

export interface LeaderElectionSettings {
  readonly kernel: Kernel;
  /** Name of the component, unique in the cluster: `kube-scheduler`. */
  readonly name: string;
  readonly options: LeaderElectionOptions;
  /** Distribution of the time until a process that has died runs again. */
  readonly processRestart: string;
  /** Whether a Lease could be written now. */
  isApiReachable(): boolean;
  /** A leader begins, after so many changes of leader: 0 for the one at the start of the run. */
  begin(transitions: number): void;
  /** The leader's process dies, with all that it had in memory. */
  crash(): void;
}

interface LeaderElectionState {
  isLeading: boolean;
  /** When the present leader got the lease; its renewals count from there. */
  acquiredUs: Micros;
  /** Since when the API server has been out of reach; -1: it is not. */
  unreachableSinceUs: Micros;
  /** When the lease was last renewed by a leader that is dead. */
  lastRenewedUs: Micros;
  /** Changes of leader so far: Lease.spec.leaseTransitions. */
  transitions: number;
  /** Replicas that run and do not lead. */
  standbys: number;
}

const SECOND_US = 1_000_000;

export class LeaderElection {
  state: LeaderElectionState;
  readonly #kernel: Kernel;
  readonly #settings: LeaderElectionSettings;
  readonly #restart: HopLatency;
  readonly #retry: HopLatency;
  readonly #acquire: HandlerId<number>;
  readonly #restarted: HandlerId;
  readonly #renewDeadline: HandlerId<number>;

  constructor(settings: LeaderElectionSettings) {
    const { kernel, name, options, processRestart } = settings;
    this.#kernel = kernel;
    this.#settings = settings;
    const { seed } = kernel;
    this.#restart = new HopLatency(
      seed,
      processRestart,
      "latency.processRestart",
      `${name}/restart`,
    );
    // wait.JitterUntil with JitterFactor 1.2: a candidate looks again after 1 to 2.2 retry periods.
    const periodUs = options.retryPeriodSeconds * SECOND_US;
    const jitter = `uniform(0us, ${Math.round(2.2 * periodUs)}us)`;
    this.#retry = new HopLatency(seed, jitter, "retryPeriodSeconds", `${name}/retry`);
    this.#acquire = kernel.handler(`${name}/acquire-lease`, (number) => this.#onAcquire(number));
    this.#restarted = kernel.handler(`${name}/restarted`, () => this.#onRestarted());
    this.#renewDeadline = kernel.handler(`${name}/renew-deadline`, (number) =>
      this.#onRenewDeadline(number),
    );
    this.state = {
      isLeading: false,
      acquiredUs: 0,
      unreachableSinceUs: -1,
      lastRenewedUs: 0,
      transitions: 0,
      standbys: options.replicas - 1,
    };
    kernel.keep(`${name}/leader-election`, this);
  }

  /** The first leader begins: the cluster has been up for a while. */
  start(): void {
    this.state.isLeading = true;
    this.#settings.begin(0);
  }

  /** Whether a replica leads, and works. */
  get isLeading(): boolean {
    return this.state.isLeading;
  }

  get transitions(): number {
    return this.state.transitions;
  }

  /**
   * The leader dies. Its process is started again after `forUs`, or after latency.processRestart
   * when that is 0; a standby, or that process, takes over when the lease has run out.
   */
  crash(forUs: Micros = 0): void {
    const { state } = this;
    if (!state.isLeading) return;
    state.lastRenewedUs = this.#lastRenewalUs();
    state.isLeading = false;
    state.transitions++;
    this.#settings.crash();
    const delayUs = forUs > 0 ? forUs : this.#restart.us(0, state.transitions);
    this.#kernel.after(delayUs, this.#restarted, undefined, undefined);
    if (state.standbys > 0) this.#await();
  }

  /** The API server is out of reach from now on. */
  lostApi(): void {
    const { state } = this;
    if (state.unreachableSinceUs >= 0) return;
    state.unreachableSinceUs = this.#kernel.nowUs;
    const { leaderElect, renewDeadlineSeconds } = this.#settings.options;
    if (!state.isLeading || !leaderElect) return;
    const deadlineUs = this.#lastRenewalUs() + renewDeadlineSeconds * SECOND_US;
    this.#kernel.at(
      Math.max(deadlineUs, this.#kernel.nowUs),
      this.#renewDeadline,
      state.transitions,
      undefined,
    );
  }

  /** The API server is in reach again. */
  foundApi(): void {
    const { state } = this;
    if (state.unreachableSinceUs >= 0 && state.isLeading) state.acquiredUs = this.#kernel.nowUs;
    state.unreachableSinceUs = -1;
  }

  #onRenewDeadline(number: number): void {
    const { state } = this;
    if (number !== state.transitions || state.unreachableSinceUs < 0) return;
    if (!this.#settings.isApiReachable()) this.crash();
  }

  #onRestarted(): void {
    const { state } = this;
    state.standbys++;
    if (!state.isLeading) this.#await();
  }

  /** A candidate waits until the lease has run out, and looks at its own times. */
  #await(): void {
    const { options } = this.#settings;
    const { nowUs } = this.#kernel;
    const { transitions, lastRenewedUs } = this.state;
    if (!options.leaderElect) return this.#onAcquire(transitions);
    const expiryUs = lastRenewedUs + options.leaseDurationSeconds * SECOND_US;
    const timeUs = Math.max(nowUs, expiryUs) + this.#retry.us(0, transitions);
    this.#kernel.at(timeUs, this.#acquire, transitions, undefined);
  }

  #onAcquire(number: number): void {
    const { state } = this;
    if (state.isLeading || number !== state.transitions || state.standbys === 0) return;
    if (!this.#settings.isApiReachable()) {
      const periodUs = this.#settings.options.retryPeriodSeconds * SECOND_US;
      this.#kernel.after(periodUs, this.#acquire, number, undefined);
      return;
    }
    state.standbys--;
    state.isLeading = true;
    state.acquiredUs = this.#kernel.nowUs;
    this.#settings.begin(state.transitions);
  }

  /** When the leader last renewed: on its own grid, and not while the API was out of reach. */
  #lastRenewalUs(): Micros {
    const { acquiredUs, unreachableSinceUs } = this.state;
    const untilUs = unreachableSinceUs < 0 ? this.#kernel.nowUs : unreachableSinceUs;
    const periodUs = this.#settings.options.retryPeriodSeconds * SECOND_US;
    return acquiredUs + Math.floor((untilUs - acquiredUs) / periodUs) * periodUs;
  }
}
