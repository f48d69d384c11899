/** ClusterLoad: pods and requested CPU as they stand now, and API requests in flight per second. */
import type { ApiRequestFact, Node, Trace } from "../sim/api/index.ts";
import { cpuMilli } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import { isPlaced, type PodJourney, type PodStage } from "./pod-journey.ts";
import type { PodJourneys } from "./pod-journeys.ts";
import { roundTo } from "./row.ts";

export class ClusterLoad {
  readonly inFlight = new RequestsInFlight();
  pendingPods = 0;
  #usedMilli = 0;
  #allocatableMilli = 0;

  attach(trace: Trace, journeys: PodJourneys): void {
    journeys.observe({ stageChanged: (journey, from) => this.#staged(journey, from) });
    trace.committed.subscribe(({ record, type, object, old }) => {
      if (record.kind !== "Node") return;
      this.#allocatableMilli -= old === undefined ? 0 : allocatableMilli(old as Node);
      this.#allocatableMilli += type === "DELETED" ? 0 : allocatableMilli(object as Node);
    });
    trace.apiRequest.subscribe((fact) => this.inFlight.add(fact));
  }

  /** Requests of pods that are on a node, over what the nodes have; 0 without nodes. */
  get cpuShare(): number {
    const share = this.#allocatableMilli === 0 ? 0 : this.#usedMilli / this.#allocatableMilli;
    return roundTo(share, 6);
  }

  #staged({ stage, requests }: PodJourney, from: PodStage | undefined): void {
    if (stage === "pending") this.pendingPods++;
    if (from === "pending") this.pendingPods--;
    const cpu = requests.get("cpu") ?? 0;
    this.#usedMilli += cpu * (Number(isPlaced(stage)) - Number(isPlaced(from)));
  }
}

/** Requests that the API server works on, at each whole second: they are known when they end. */
export class RequestsInFlight {
  /** By second; those without any are left out. */
  readonly mutating = new Map<number, number>();
  readonly readOnly = new Map<number, number>();

  add({ verb, startedUs, handledUs }: ApiRequestFact): void {
    if (verb === "watch") return; // long-running ones are not counted (apiserver_longrunning_requests)
    const seconds = verb === "get" || verb === "list" ? this.readOnly : this.mutating;
    for (let second = Math.ceil(startedUs / 1e6); second * 1e6 < handledUs; second++)
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }

  /** Both kinds together, in order of time; seconds without any are left out. */
  perSecond(): [Micros, number][] {
    const seconds = [...new Set([...this.mutating.keys(), ...this.readOnly.keys()])];
    seconds.sort((a, b) => a - b);
    return seconds.map((second) => [
      second * 1_000_000,
      (this.mutating.get(second) ?? 0) + (this.readOnly.get(second) ?? 0),
    ]);
  }
}

const allocatableMilli = ({ status }: Node): number =>
  cpuMilli(String(status.allocatable?.["cpu"] ?? status.capacity?.["cpu"] ?? "0"));
