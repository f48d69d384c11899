/**
 * PostFilterCalls: sends what preemption asked for, and tells when all is answered: the scheduling
 * loop waits for that (prepareCandidate of
 * kubernetes/pkg/scheduler/framework/preemption/preemption.go, v1.30).
 *
 * Victims are handled side by side, each one's requests one after the other; the real one works on
 * sixteen at a time, but the client's rate limit is what counts. A victim that waits at Permit is
 * rejected instead of deleted. When all victims are dealt with, the rest follows (nominations that
 * lower-priority pods lose), whose failures do not matter. A failed request of a victim ends the
 * preemption with its message.
 */
import type { KeyRecord, Pod } from "../api/index.ts";
import type { ApiCall, ApiClient, CallbackId } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { PluginRequest, SchedulerRequests } from "./plugin-requests.ts";

export interface PostFilterCallsSettings {
  readonly kernel: Kernel;
  readonly client: ApiClient;
  readonly requests: SchedulerRequests;
  /** Rejects a pod that waits at Permit. False: it does not. */
  readonly rejectWaiting: (record: KeyRecord<Pod>) => boolean;
  /** All is answered. `error`: message of the first request of a victim that failed, or "". */
  readonly onDone: (error: string) => void;
}

/** Requests about one object, sent one after the other. Plain data. */
interface Sequence {
  readonly steps: readonly PluginRequest[];
  /** Number of the step that is sent next. */
  next: number;
  /** A failure ends the sequence and the preemption. */
  readonly isCritical: boolean;
}

interface PostFilterCallsState {
  /** Victims with an answer outstanding. */
  pending: number;
  /** What follows when they are through. */
  rest: readonly PluginRequest[];
  /** Message of the first request of a victim that failed, or "". */
  error: string;
}

export class PostFilterCalls {
  state: PostFilterCallsState = { pending: 0, rest: [], error: "" };
  readonly #settings: PostFilterCallsSettings;
  readonly #onAnswer: CallbackId<Sequence>;

  constructor(settings: PostFilterCallsSettings) {
    this.#settings = settings;
    this.#onAnswer = settings.client.callback((call, sequence) => this.#answered(call, sequence));
    settings.kernel.keep("scheduler/post-filter-calls", this);
  }

  /** Begins to send. True: `onDone` will be called; false: there is nothing to wait for. */
  start(requests: readonly PluginRequest[]): boolean {
    const { state } = this;
    const { victims, rest } = this.#split(requests);
    state.error = "";
    state.rest = rest;
    state.pending = victims.filter((victim) => this.#goOn(victim)).length;
    return state.pending > 0 || this.#sendRest();
  }

  /** Sends the sequence's next request that has an answer. False: it is through. */
  #goOn(sequence: Sequence): boolean {
    while (sequence.next < sequence.steps.length) {
      const step = sequence.steps[sequence.next++] as PluginRequest;
      if (this.#settings.requests.send(step, this.#onAnswer, sequence)) return true;
    }
    return false;
  }

  #sendRest(): boolean {
    const { rest: steps, error } = this.state;
    this.state.rest = [];
    return error === "" && this.#goOn({ steps, next: 0, isCritical: false });
  }

  #answered(call: ApiCall, sequence: Sequence): void {
    const { state } = this;
    const { isCritical } = sequence;
    const hasFailed = isCritical && !call.ok;
    if (hasFailed && state.error === "") state.error = call.message;
    if (!hasFailed && this.#goOn(sequence)) return;
    if (isCritical && (--state.pending > 0 || this.#sendRest())) return;
    this.#settings.onDone(state.error);
  }

  #split(requests: readonly PluginRequest[]) {
    const deleted = new Set<KeyRecord>();
    for (const request of requests) if (request.verb === "delete") deleted.add(request.record);
    const byKey = new Map<string, PluginRequest[]>();
    for (const record of deleted) byKey.set(`${record.kind}/${record.key}`, []);
    const rest: PluginRequest[] = [];
    for (const request of requests) (byKey.get(keyOf(request)) ?? rest).push(request);
    const victims: Sequence[] = [];
    for (const steps of byKey.values()) {
      const last = steps.find(({ verb }) => verb === "delete");
      const isRejected =
        last?.verb === "delete" && this.#settings.rejectWaiting(last.record as KeyRecord<Pod>);
      const left = isRejected ? steps.filter(({ verb }) => verb === "event") : steps;
      victims.push({ steps: left, next: 0, isCritical: true });
    }
    return { victims, rest };
  }
}

function keyOf(request: PluginRequest): string {
  if (request.verb !== "event") return `${request.record.kind}/${request.record.key}`;
  const { kind, metadata } = request.object;
  const { namespace, name } = metadata;
  return namespace === "" ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
