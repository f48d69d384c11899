/**
 * The limit on requests in flight: a fixed number of seats for reads and one for writes
 * (kube-apiserver --max-requests-inflight, --max-mutating-requests-inflight), each with a bounded
 * first-come first-served queue. A request that finds the queue full is refused with 429.
 */
import { Fifo } from "../kernel/index.ts";
import type { ApiCall } from "./api-call.ts";

interface Lane {
  seatsTaken: number;
  readonly seats: number;
  readonly waiting: Fifo<ApiCall>;
}

export interface InFlightState {
  readonly mutating: Lane;
  readonly readOnly: Lane;
}

export type Admission = "start" | "wait" | "refuse";

export function createInFlightState(readSeats: number, writeSeats: number): InFlightState {
  return {
    mutating: { seatsTaken: 0, seats: writeSeats, waiting: new Fifo() },
    readOnly: { seatsTaken: 0, seats: readSeats, waiting: new Fifo() },
  };
}

/** Takes a seat for the call, or queues it, or refuses it. */
export function admit(state: InFlightState, call: ApiCall, queueLengthLimit: number): Admission {
  const lane = call.mutates ? state.mutating : state.readOnly;
  if (lane.seatsTaken < lane.seats) {
    lane.seatsTaken++;
    return "start";
  }
  if (lane.waiting.length >= queueLengthLimit) return "refuse";
  lane.waiting.push(call);
  return "wait";
}

/** Gives the call's seat back; returns the call that takes it over, if one waits. */
export function release(state: InFlightState, call: ApiCall): ApiCall | undefined {
  const lane = call.mutates ? state.mutating : state.readOnly;
  const next = lane.waiting.shift();
  if (next === undefined) lane.seatsTaken--;
  return next;
}
