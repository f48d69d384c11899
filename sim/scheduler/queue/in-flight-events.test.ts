/** A pod that failed is asked about each event since its pop, whoever else was popped meanwhile. */
import { expect, test } from "vitest";
import { ActionType, clusterEvent, type QueuedChange } from "./cluster-event.ts";
import {
  beginFlight,
  changesSince,
  createInFlightEvents,
  endFlight,
  recordChange,
} from "./in-flight-events.ts";

const changes = ["A", "B", "C", "D"].map(
  (kind): QueuedChange => ({ event: clusterEvent(kind, ActionType.Add) }),
);

function record(events: ReturnType<typeof createInFlightEvents>, ...places: number[]): void {
  for (const place of places) recordChange(events, changes[place] as QueuedChange);
}

test("each pod in flight is told of the changes since its own pop", () => {
  const events = createInFlightEvents();
  record(events, 0); // nobody is in flight
  beginFlight(events, "first");
  record(events, 1);
  beginFlight(events, "second");
  record(events, 2);
  expect(changesSince(events, "first")).toEqual([changes[1], changes[2]]);
  endFlight(events, "first");
  record(events, 3);
  expect(changesSince(events, "second")).toEqual([changes[2], changes[3]]);
  endFlight(events, "second");
  expect(changesSince(events, "second")).toBeUndefined();
  expect(events.changes).toEqual([]);
});

test("a pod that is popped a second time costs no other pod its changes", () => {
  const events = createInFlightEvents();
  beginFlight(events, "twice");
  beginFlight(events, "between");
  record(events, 0, 1);
  beginFlight(events, "twice");
  beginFlight(events, "last");
  endFlight(events, "last");
  expect(changesSince(events, "between")).toEqual([changes[0], changes[1]]);
});
