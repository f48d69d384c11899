/**
 * Pods as tracks of their node: pending (with the scheduling attempts in it), starting (with the
 * pulling of images), running, terminating. Written when the pod is gone or the run has ended.
 */
import type { ApiObject, Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import type { PodJourney } from "../pod-journey.ts";
import type { PodJourneys } from "../pod-journeys.ts";
import { NEVER } from "../row.ts";
import type { TraceArguments, TraceTrack, TraceWriter } from "./trace-writer.ts";

/** Nodes come after the components, in order of first use. */
const NODES_FROM = 100;
/** Process of pods that never were on a node. */
const NO_NODE = "(no node)";
/** Attempts of one pod that are drawn: our choice, so that a pod that never fits fills no memory. */
const ATTEMPTS_MAX = 500;

export class PodSlices {
  readonly #writer: TraceWriter;
  readonly #nodes = new Map<string, TraceTrack>();
  readonly #proxies = new Map<string, TraceTrack>();
  /** Begin and end of each attempt. */
  readonly #attempts = new Map<PodJourney, Micros[]>();
  /** When the API server took in the deletion. */
  readonly #deletionUs = new Map<PodJourney, Micros>();
  #endUs: Micros = Number.MAX_SAFE_INTEGER;

  constructor(writer: TraceWriter) {
    this.#writer = writer;
  }

  attach(trace: Trace, journeys: PodJourneys): void {
    journeys.observe({ closed: (journey) => this.#closed(journey) });
    trace.schedulingAttempt.subscribe(({ record, startUs, endUs }) => {
      const journey = journeys.of(record);
      if (journey === undefined || startUs < journey.createdUs) return;
      const spans = this.#attempts.get(journey) ?? [];
      this.#attempts.set(journey, spans);
      if (spans.length < 2 * ATTEMPTS_MAX) spans.push(startUs, endUs);
    });
    trace.committed.subscribe(({ record, object, timeUs }) => {
      if (record.kind !== "Pod" || !isBeingDeleted(object)) return;
      const journey = journeys.of(record);
      if (journey !== undefined && !this.#deletionUs.has(journey))
        this.#deletionUs.set(journey, timeUs);
    });
    trace.proxySync.subscribe(({ node, timeUs, durationUs, isFull }) => {
      const known = this.#proxies.get(node);
      const track = known ?? this.#writer.thread(this.#nodeTrack(node), "kube-proxy", 1);
      this.#proxies.set(node, track);
      const name = isFull ? "full sync" : "partial sync";
      const fromUs = timeUs - durationUs;
      this.#writer.slice(track, { name, category: "proxy", fromUs, toUs: timeUs });
    });
  }

  /** Before the journeys that are left are closed. */
  endAt(endUs: Micros): void {
    this.#endUs = endUs;
  }

  #nodeTrack(node: string): TraceTrack {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const name = node === NO_NODE ? NO_NODE : `node ${node}`;
    const made = this.#writer.process(name, NODES_FROM + this.#nodes.size);
    this.#nodes.set(node, made);
    return made;
  }

  #closed(journey: PodJourney): void {
    const { namespace, name, createdUs, boundUs, startedUs, finishedUs, deletedUs } = journey;
    const endUs = orElse(deletedUs, this.#endUs);
    const deletionUs = this.#deletionUs.get(journey) ?? NEVER;
    const process = this.#nodeTrack(journey.node === "" ? NO_NODE : journey.node);
    const track = this.#writer.thread(process, `${namespace}/${name}`, journey.seq + 10);
    const draw = (what: string, fromUs: Micros, toUs: Micros, args?: TraceArguments): void => {
      if (fromUs === NEVER || toUs < fromUs) return;
      const span = { name: what, category: "pod", fromUs, toUs };
      this.#writer.slice(track, args === undefined ? span : { ...span, args });
    };
    const goneUs = Math.min(orElse(deletionUs, endUs), orElse(finishedUs, endUs));
    const placedUs = orElse(
      boundUs,
      Math.min(orElse(deletionUs, endUs), orElse(journey.endedUs, endUs)),
    );
    draw("pending", createdUs, placedUs, { attempts: journey.attempts, message: journey.message });
    const spans = this.#attempts.get(journey) ?? [];
    for (let at = 0; at + 1 < spans.length; at += 2)
      draw("scheduling attempt", spans[at] ?? NEVER, Math.min(spans[at + 1] ?? 0, placedUs));
    const readyUs = Math.max(boundUs, Math.min(orElse(startedUs, goneUs), goneUs));
    draw("starting", boundUs, readyUs);
    const { pullQueuedUs, pullFinishedUs } = journey;
    if (pullQueuedUs !== NEVER)
      draw("image pull", Math.max(pullQueuedUs, boundUs), Math.min(pullFinishedUs, readyUs));
    draw("running", startedUs, goneUs, { phase: journey.phase });
    const lastUs = boundUs === NEVER ? placedUs : Math.max(readyUs, deletionUs);
    if (deletionUs !== NEVER) draw("terminating", lastUs, endUs);
    this.#attempts.delete(journey);
    this.#deletionUs.delete(journey);
  }
}

const orElse = (timeUs: Micros, otherUs: Micros): Micros => (timeUs === NEVER ? otherUs : timeUs);

const isBeingDeleted = ({ metadata }: ApiObject): boolean =>
  metadata.deletionTimestamp !== undefined;
