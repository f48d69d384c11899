/** PodPlaces: where every pod of a run is at the moment, for who compares two runs. */
import type { Trace } from "../../sim/api/index.ts";
import { secondsText } from "../explain/amount-text.ts";
import type { PodJourney } from "../pod-journey.ts";
import { PodJourneys } from "../pod-journeys.ts";

/** Of every pod that exists: by `namespace/name`, in words. */
export type Places = ReadonlyMap<string, string>;

export class PodPlaces {
  readonly #journeys = new PodJourneys();
  readonly #pods = new Map<string, PodJourney>();
  /** Pods in the scheduler's queues. */
  readonly #queued = new Map<string, string>();

  attach(trace: Trace): void {
    this.#journeys.attach(trace);
    this.#journeys.observe({
      stageChanged: (journey) => this.#pods.set(keyOf(journey), journey),
      closed: (journey) => this.#pods.delete(keyOf(journey)),
    });
    trace.podQueued.subscribe(({ record, queue, event, timeUs }) => {
      this.#queued.set(record.key, `in the ${queue} queue since ${secondsText(timeUs)} (${event})`);
    });
    trace.podDequeued.subscribe(({ record }) => this.#queued.delete(record.key));
  }

  now(): Places {
    return new Map([...this.#pods].map(([key, journey]) => [key, this.#placeOf(key, journey)]));
  }

  #placeOf(key: string, { node, boundUs, finishedUs, createdUs }: PodJourney): string {
    if (finishedUs >= 0) return `ended on ${node} at ${secondsText(finishedUs)}`;
    if (node !== "") return `bound to ${node} at ${secondsText(boundUs)}`;
    return this.#queued.get(key) ?? `created at ${secondsText(createdUs)}, and in no queue`;
  }
}

const keyOf = ({ namespace, name }: PodJourney): string => `${namespace}/${name}`;
