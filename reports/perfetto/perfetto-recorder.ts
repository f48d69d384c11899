/** PerfettoRecorder: one run as a Chrome trace, written while it runs. */
import type { Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { ClusterLoad } from "../cluster-load.ts";
import { PodJourneys } from "../pod-journeys.ts";
import { CallSlices } from "./call-slices.ts";
import { ControlPlaneSlices } from "./control-plane-slices.ts";
import { PodSlices } from "./pod-slices.ts";
import { type TraceArguments, TraceWriter } from "./trace-writer.ts";

export interface PerfettoOptions {
  /** Share of the trees of requests to Services, 0..1; which, their numbers alone decide. */
  readonly requestShare: number;
  /** What ended before is left out. */
  readonly sinceUs: Micros;
  /** Takes the file's text, piece by piece. */
  readonly write: (text: string) => void;
}

export class PerfettoRecorder {
  readonly #writer: TraceWriter;
  readonly #journeys = new PodJourneys();
  readonly #load = new ClusterLoad();
  readonly #controlPlane: ControlPlaneSlices;
  readonly #pods: PodSlices;
  readonly #calls: CallSlices;
  /** As last written: a counter is written when it changes. */
  #pending = 0;
  #cpuShare = 0;
  #inFlightUs: Micros = -1;

  constructor({ requestShare, sinceUs, write }: PerfettoOptions) {
    this.#writer = new TraceWriter(write, sinceUs);
    this.#controlPlane = new ControlPlaneSlices(this.#writer);
    this.#pods = new PodSlices(this.#writer);
    const services = this.#writer.process("requests to Services", 6);
    this.#calls = new CallSlices(this.#writer, services, requestShare);
  }

  /** Attach before the first event. */
  attach(trace: Trace): void {
    this.#journeys.attach(trace);
    this.#load.attach(trace, this.#journeys);
    this.#controlPlane.attach(trace);
    this.#pods.attach(trace, this.#journeys);
    this.#calls.attach(trace);
    this.#journeys.observe({ stageChanged: (_journey, _from, timeUs) => this.#count(timeUs) });
  }

  /** Ends what is open, and the file. Once. */
  finish(endUs: Micros, about: TraceArguments): void {
    this.#controlPlane.finish(endUs);
    this.#pods.endAt(endUs);
    this.#journeys.finish();
    this.#calls.finish();
    for (const [timeUs, count] of this.#load.inFlight.perSecond()) this.#inFlight(timeUs, count);
    if (this.#inFlightUs >= 0 && this.#inFlightUs < endUs) this.#inFlight(endUs, 0);
    this.#writer.finish(about);
  }

  #count(timeUs: Micros): void {
    const { scheduler } = this.#controlPlane.tracks;
    const { pendingPods, cpuShare } = this.#load;
    if (pendingPods !== this.#pending)
      this.#writer.counter(scheduler, "pending pods", timeUs, pendingPods);
    if (cpuShare !== this.#cpuShare)
      this.#writer.counter(scheduler, "requested CPU, share", timeUs, cpuShare);
    this.#pending = pendingPods;
    this.#cpuShare = cpuShare;
  }

  /** A second without requests falls back to 0. */
  #inFlight(timeUs: Micros, count: number): void {
    const { apiserver } = this.#controlPlane.tracks;
    const name = "API requests in flight";
    const nextUs = this.#inFlightUs + 1_000_000;
    if (this.#inFlightUs >= 0 && nextUs < timeUs) this.#writer.counter(apiserver, name, nextUs, 0);
    this.#writer.counter(apiserver, name, timeUs, count);
    this.#inFlightUs = timeUs;
  }
}
