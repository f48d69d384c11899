import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import type { ApiObject, Event } from "../api/index.ts";
import { EventRecorder } from "./event-recorder.ts";

function setUp(): {
  plane: ControlPlane;
  recorder: EventRecorder;
  pod: ApiObject;
  events(): Event[];
} {
  const plane = new ControlPlane();
  const recorder = new EventRecorder(plane.kernel, plane.client, "test", "kubelet");
  const pod = plane.create(podManifest("a")).object;
  if (pod === undefined) throw new Error("no pod");
  const events = (): Event[] => plane.etcd.list("Event").map(({ stored }) => stored as Event);
  return { plane, recorder, pod, events };
}

describe("EventRecorder", () => {
  test("writes an Event about the object, in its namespace", () => {
    const { plane, recorder, pod, events } = setUp();
    recorder.event(pod, "Normal", "Started", "Started container main");
    plane.settle();
    expect(events()).toHaveLength(1);
    expect(events()[0]).toMatchObject({
      metadata: { namespace: "default" },
      involvedObject: { kind: "Pod", name: "a", uid: pod.metadata.uid },
      type: "Normal",
      reason: "Started",
      message: "Started container main",
      count: 1,
      source: { component: "kubelet" },
    });
  });

  test("counts the same event up; another message is another event", () => {
    const { plane, recorder, pod, events } = setUp();
    for (const message of ["x", "x", "y", "x"]) {
      recorder.event(pod, "Warning", "Failed", message);
      plane.settle();
    }
    expect(
      events()
        .map(({ message, count }) => [message, count])
        .sort(),
    ).toEqual([
      ["x", 3],
      ["y", 1],
    ]);
  });

  test("writes no more than 25 about one object at once", () => {
    const { plane, recorder, pod, events } = setUp();
    for (let i = 0; i < 40; i++) recorder.event(pod, "Normal", "Note", `number ${i}`);
    plane.settle();
    expect(events()).toHaveLength(25);
  });

  test("writes nothing without a client", () => {
    const { plane, pod, events } = setUp();
    new EventRecorder(plane.kernel, undefined, "silent", "kubelet").event(pod, "Normal", "A", "b");
    plane.settle();
    expect(events()).toEqual([]);
  });
});
