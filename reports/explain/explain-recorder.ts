/** ExplainRecorder: everything that the scheduler thought about one pod. */
import type { KeyRecord, SchedulingAttemptFact, Trace } from "../../sim/api/index.ts";
import type { Micros, Tracepoint } from "../../sim/kernel/index.ts";
import type { CycleFact } from "../../sim/scheduler/index.ts";
import type { PodJourney } from "../pod-journey.ts";
import { PodJourneys } from "../pod-journeys.ts";
import { NEVER } from "../row.ts";
import { type AttemptLimits, attemptOf } from "./attempt-of.ts";
import type { Attempt, CycleAccount, PodStory, QueueMove } from "./pod-story.ts";

/** Attempts kept in full: the first, and the last ones. A pod may be tried thousands of times. */
const LAST_ATTEMPTS = 5;

export interface ExplainTarget {
  readonly namespace: string;
  readonly name: string;
}

/** An attempt that is still being told. */
interface OpenAttempt {
  readonly account: CycleAccount;
  readonly queued: readonly QueueMove[];
  end: SchedulingAttemptFact | undefined;
  binding: Attempt["binding"];
}

export class ExplainRecorder {
  /** Pods that were seen, for messages. */
  readonly names = new Set<string>();
  readonly #target: ExplainTarget;
  readonly #limits: AttemptLimits;
  readonly #journeys = new PodJourneys();
  #first: OpenAttempt | undefined;
  #last: OpenAttempt[] = [];
  #dropped = 0;
  #moves: QueueMove[] = [];
  #journey: PodJourney | undefined;
  #preemptedFor: PodStory["preemptedFor"];

  constructor(target: ExplainTarget, limits: AttemptLimits) {
    this.#target = target;
    this.#limits = limits;
  }

  attach(trace: Trace, cycles: Tracepoint<CycleFact>): void {
    this.#journeys.attach(trace);
    this.#journeys.observe({
      stageChanged: (journey) => this.#see(journey),
      closed: (journey) => this.#see(journey),
    });
    cycles.subscribe((fact) => this.#cycle(fact));
    trace.podQueued.subscribe(({ record, timeUs, queue, event }) => {
      if (this.#isTarget(record)) this.#moves.push({ timeUs, queue, event });
    });
    trace.schedulingAttempt.subscribe((fact) => {
      if (this.#isTarget(fact.record) && this.#open !== undefined) this.#open.end = fact;
    });
    trace.binding.subscribe(({ record, ok, endUs }) => {
      if (!this.#isTarget(record)) return;
      const open = this.#open;
      if (open !== undefined) open.binding = { timeUs: endUs, ok };
    });
  }

  /** undefined: there is no such pod. Ask when the run is over. */
  story(): PodStory | undefined {
    this.#journeys.finish();
    const journey = this.#journey;
    if (journey === undefined) return undefined;
    const time = (us: Micros): Micros | undefined => (us === NEVER ? undefined : us);
    const attempts = this.#first === undefined ? this.#last : [this.#first, ...this.#last];
    return {
      ...this.#target,
      createdUs: journey.createdUs,
      priority: journey.priority,
      attempts: attempts.map(closed),
      earlierAttempts: this.#dropped,
      queuedSince: this.#moves,
      node: journey.boundUs === NEVER ? "" : journey.node,
      boundUs: time(journey.boundUs),
      startedUs: time(journey.startedUs),
      finishedUs: time(journey.finishedUs),
      deletedUs: time(journey.deletedUs),
      phase: journey.phase,
      preemptedFor: this.#preemptedFor,
    };
  }

  #isTarget({ kind, namespace, name }: KeyRecord): boolean {
    const target = this.#target;
    return name === target.name && namespace === target.namespace && kind === "Pod";
  }

  get #open(): OpenAttempt | undefined {
    return this.#last.at(-1) ?? this.#first;
  }

  /** A pod of the same name may follow, as a StatefulSet makes them: then the last one is told of. */
  #see(journey: PodJourney): void {
    this.names.add(`${journey.namespace}/${journey.name}`);
    const { namespace, name } = this.#target;
    if (journey.namespace !== namespace || journey.name !== name) return;
    if (this.#journey !== undefined && this.#journey !== journey) this.#forget();
    this.#journey = journey;
  }

  #forget(): void {
    this.#first = undefined;
    this.#last = [];
    this.#dropped = 0;
    this.#moves = [];
    this.#preemptedFor = undefined;
  }

  #cycle(fact: CycleFact): void {
    const { namespace, name } = this.#target;
    if (fact.decision.postFilter?.victims.includes(`${namespace}/${name}`) === true)
      this.#preemptedFor = {
        pod: `${fact.namespace}/${fact.name}`,
        priority: fact.pod.priority,
        timeUs: fact.startUs,
        node: fact.decision.failure?.nomination ?? "",
      };
    if (fact.namespace !== namespace || fact.name !== name) return;
    const account = attemptOf(fact, this.#limits);
    const attempt = { account, queued: this.#moves, end: undefined, binding: undefined };
    this.#moves = [];
    if (this.#first === undefined) {
      this.#first = attempt;
      return;
    }
    this.#last.push(attempt);
    if (this.#last.length <= LAST_ATTEMPTS) return;
    this.#last.shift();
    this.#dropped++;
  }
}

const closed = ({ account, queued, end, binding }: OpenAttempt): Attempt => ({
  ...account,
  message: end?.message ?? account.message,
  queued,
  endUs: end?.endUs,
  result: end?.result ?? "",
  binding,
});
