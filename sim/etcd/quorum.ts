/**
 * Quorum: when a write to etcd is durable. The members agree on one log (Raft): the leader appends
 * what was proposed while its disk was busy as one batch, writes it to its own log and to its
 * followers' at the same time, and a batch is committed when a majority has it on disk.
 *
 *   propose -> waits for the leader's disk -> batch -> majority on disk -> committed
 *
 * A batch takes the entry cost of each of its writes and one fsync; the next begins when the
 * leader's disk is free, though the last may not be committed yet. Batches commit in order. Without
 * a leader nothing is committed: what was under way fails, what waits is served by the next one.
 */
import { Fifo, type HandlerId, HopLatency, type Kernel, type Micros } from "../kernel/index.ts";

export interface QuorumSettings {
  readonly kernel: Kernel;
  /**
   * 1, 3, 5 or any other: a majority is n / 2 + 1 of them, rounded down, as in etcd. An even number
   * needs one member more than the odd one below it, and outlives no more losses.
   */
  readonly members: number;
  /** False: every write has an fsync of its own and none waits for another. */
  readonly batching: boolean;
  /** --election-timeout, in microseconds: an election begins one to two of them after a loss. */
  readonly electionTimeoutUs: Micros;
  /** Distributions of one fsync of the log, one way between members, and what each write adds. */
  readonly latency: {
    readonly etcdFsync: string;
    readonly etcdPeerNetwork: string;
    readonly etcdEntry: string;
  };
}

/** What can become of a proposal: "" (committed), or etcd's error. */
export type Applied = (request: Proposal, error: string) => void;

/** A request that waits for etcd. */
export interface Proposal {
  /** Which random draws its commit takes. */
  readonly drawHash: number;
  readonly drawNumber: number;
  /** When it came to etcd: set here. */
  proposedUs: Micros;
}

/** One fsync of its log; one way to it from the leader, and as long back. The first member leads. */
interface Member {
  readonly fsync: HopLatency;
  readonly peer: HopLatency;
}

interface Batch {
  readonly first: Proposal;
  /** Those that came while the disk was busy: mostly none. */
  readonly rest: readonly Proposal[];
  isDone: boolean;
}

const NONE: readonly Proposal[] = [];

interface QuorumState {
  /** Proposals that wait for the leader's disk, or for a leader. */
  readonly waiting: Fifo<Proposal>;
  /** Requests to read the latest state that wait for a leader. */
  readonly reads: Fifo<Proposal>;
  /** Batches that are not committed yet, oldest first. */
  batches: Batch[];
  /** The leader's disk is busy until then. */
  busyUntilUs: Micros;
  /** No batch commits before its predecessor did. */
  lastCommitUs: Micros;
  /** A look at the queue is due when the disk is free. */
  isFlushDue: boolean;
  /** There is no leader until then; -1: there is one. */
  leaderlessUntilUs: Micros;
  /** Leaders lost so far. */
  elections: number;
  /** Fsyncs take this many times as long. */
  slowness: number;
}

/** etcdserver/config.go ReqTimeout: 5 s for disk and network, and twice the election timeout. */
const REQUEST_TIMEOUT_US = 5_000_000;
/** etcdserver/api/v3rpc/rpctypes/error.go. */
export const LEADER_CHANGED = "etcdserver: leader changed";
export const REQUEST_TIMED_OUT = "etcdserver: request timed out";

export class Quorum {
  state: QuorumState = {
    waiting: new Fifo(),
    reads: new Fifo(),
    batches: [],
    busyUntilUs: 0,
    lastCommitUs: 0,
    isFlushDue: false,
    leaderlessUntilUs: -1,
    elections: 0,
    slowness: 1,
  };
  readonly #kernel: Kernel;
  readonly #settings: QuorumSettings;
  readonly #members: readonly Member[];
  readonly #entry: HopLatency;
  readonly #election: HopLatency;
  readonly #committed: HandlerId<Batch>;
  readonly #flush: HandlerId;
  readonly #elected: HandlerId<number>;
  readonly #timedOut: HandlerId<number>;
  /** When each member has a batch on disk: scratch. */
  readonly #times: number[];
  /** When the leader alone has it: scratch, too. */
  #leaderUs: Micros = 0;
  #applied: Applied = () => {};
  #led: () => void = () => {};

  constructor(settings: QuorumSettings) {
    const { kernel, members, latency, electionTimeoutUs } = settings;
    const { seed } = kernel;
    this.#kernel = kernel;
    this.#settings = settings;
    this.#members = Array.from({ length: members }, (_, i) => newMember(kernel, latency, i));
    this.#times = new Array<number>(members).fill(0);
    this.#entry = new HopLatency(seed, latency.etcdEntry, "latency.etcdEntry");
    const election = `uniform(${electionTimeoutUs}us, ${2 * electionTimeoutUs}us)`;
    this.#election = new HopLatency(seed, election, "etcd.electionTimeout");
    this.#committed = kernel.handler("etcd/committed", (batch) => this.#onCommitted(batch));
    this.#flush = kernel.handler("etcd/flush", () => {
      this.state.isFlushDue = false;
      this.#begin();
    });
    this.#elected = kernel.handler("etcd/elected", (election) => this.#onElected(election));
    this.#timedOut = kernel.handler("etcd/timed-out", (election) => this.#onTimedOut(election));
    kernel.keep("etcd/quorum", this);
  }

  /** Who is told what became of each proposal. Set once, when wiring. */
  onApplied(applied: Applied): void {
    this.#applied = applied;
  }

  /** Who is told when there is a leader again. Set once, when wiring. */
  onElected(listener: () => void): void {
    this.#led = listener;
  }

  /** Whether there is a leader. */
  get isLed(): boolean {
    return this.state.leaderlessUntilUs < 0;
  }

  /** Whether requests may wait for long: there is no leader, or its disk is slow. */
  get isSlow(): boolean {
    return this.state.slowness !== 1 || !this.isLed;
  }

  /** A write. */
  propose(request: Proposal): void {
    const { state } = this;
    request.proposedUs = this.#kernel.nowUs;
    state.waiting.push(request);
    if (state.leaderlessUntilUs >= 0) return;
    if (!this.#settings.batching || this.#kernel.nowUs >= state.busyUntilUs) this.#begin();
    else if (!state.isFlushDue) {
      state.isFlushDue = true;
      this.#kernel.at(state.busyUntilUs, this.#flush, undefined, undefined);
    }
  }

  /** A read of the latest state, which takes a leader: applied when there is one again. */
  awaitLeader(request: Proposal): void {
    request.proposedUs = this.#kernel.nowUs;
    this.state.reads.push(request);
  }

  /**
   * The leader is lost. What it had not committed fails; the next one is elected after an election
   * timeout, or after `forUs` when the majority itself is away for that long.
   */
  loseLeader(forUs: Micros = 0): void {
    const { state } = this;
    const { nowUs } = this.#kernel;
    const number = ++state.elections;
    state.leaderlessUntilUs = nowUs + forUs + this.#election.us(0, number);
    state.busyUntilUs = state.leaderlessUntilUs;
    const lost = state.batches;
    state.batches = [];
    for (const batch of lost) {
      batch.isDone = true;
      this.#end(batch, LEADER_CHANGED);
    }
    this.#kernel.at(state.leaderlessUntilUs, this.#elected, number, undefined);
    this.#kernel.after(this.requestTimeoutUs, this.#timedOut, number, undefined);
  }

  /** Makes every fsync take `factor` times as long: a disk that others use, too. */
  slowDown(factor: number): void {
    this.state.slowness = factor;
  }

  /** How long the members let a request wait. */
  get requestTimeoutUs(): Micros {
    return REQUEST_TIMEOUT_US + 2 * this.#settings.electionTimeoutUs;
  }

  /** The leader takes all that waits as one batch. */
  #begin(): void {
    const { state } = this;
    if (state.leaderlessUntilUs >= 0) return;
    const first = state.waiting.shift();
    if (first === undefined) return;
    const { batching } = this.#settings;
    const rest = batching && state.waiting.length > 0 ? takeAll(state.waiting) : NONE;
    const { nowUs } = this.#kernel;
    const { drawHash, drawNumber } = first;
    const entriesUs = this.#entry.us(drawHash, drawNumber) * (1 + rest.length);
    const durableUs = nowUs + entriesUs + this.#majorityUs(drawHash, drawNumber);
    state.busyUntilUs = nowUs + entriesUs + this.#leaderUs;
    const commitUs = batching ? Math.max(state.lastCommitUs, durableUs) : durableUs;
    state.lastCommitUs = commitUs;
    const batch: Batch = { first, rest, isDone: false };
    state.batches.push(batch);
    this.#kernel.at(commitUs, this.#committed, batch, undefined);
  }

  /** Until most members have it on disk; the leader's own time is left in `#leaderUs`. */
  #majorityUs(hash: number, number: number): Micros {
    const times = this.#times;
    const { slowness } = this.state;
    for (let i = 0; i < times.length; i++) {
      const { fsync, peer } = this.#members[i] as Member;
      let us = fsync.us(hash, number);
      if (slowness !== 1) us = Math.ceil(us * slowness);
      if (i === 0) this.#leaderUs = us;
      else us += 2 * peer.us(hash, number);
      // Kept in order as they come: there are three or five.
      let place = i;
      for (; place > 0 && (times[place - 1] as number) > us; place--)
        times[place] = times[place - 1] as number;
      times[place] = us;
    }
    return times[times.length >> 1] as number;
  }

  #onCommitted(batch: Batch): void {
    if (batch.isDone) return; // it was lost with its leader
    batch.isDone = true;
    const { batches } = this.state;
    const place = batches.indexOf(batch);
    for (let i = place + 1; i < batches.length; i++) batches[i - 1] = batches[i] as Batch;
    batches.pop();
    this.#end(batch, "");
  }

  #end({ first, rest }: Batch, error: string): void {
    this.#applied(first, error);
    for (const request of rest) this.#applied(request, error);
  }

  #onElected(election: number): void {
    const { state } = this;
    if (election !== state.elections) return; // lost again meanwhile
    state.leaderlessUntilUs = -1;
    this.#led();
    for (let read = state.reads.shift(); read !== undefined; read = state.reads.shift())
      this.#applied(read, "");
    this.#begin();
  }

  /** Gives up on what has waited for a leader for too long, and looks again while there is none. */
  #onTimedOut(election: number): void {
    const { state } = this;
    if (election !== state.elections || state.leaderlessUntilUs < 0) return;
    const limitUs = this.#kernel.nowUs - this.requestTimeoutUs;
    for (const queue of [state.waiting, state.reads])
      for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
        if (next.proposedUs > limitUs) break;
        queue.shift();
        this.#applied(next, REQUEST_TIMED_OUT);
      }
    const nextUs = Math.min(oldestUs(state.waiting), oldestUs(state.reads));
    const dueUs = Math.min(nextUs, this.#kernel.nowUs) + this.requestTimeoutUs;
    this.#kernel.at(dueUs, this.#timedOut, election, undefined);
  }
}

/** A member of its own number, so that its draws are equal whatever else happens. */
function newMember(kernel: Kernel, latency: QuorumSettings["latency"], i: number): Member {
  const { seed } = kernel;
  const { etcdFsync, etcdPeerNetwork } = latency;
  return {
    fsync: new HopLatency(seed, etcdFsync, "latency.etcdFsync", `etcd/fsync/${i}`),
    peer: new HopLatency(seed, etcdPeerNetwork, "latency.etcdPeerNetwork", `etcd/peer/${i}`),
  };
}

function takeAll(queue: Fifo<Proposal>): Proposal[] {
  const all: Proposal[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) all.push(next);
  return all;
}

function oldestUs(queue: Fifo<Proposal>): Micros {
  return queue.peek()?.proposedUs ?? Number.POSITIVE_INFINITY;
}
