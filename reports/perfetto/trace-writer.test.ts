import { describe, expect, test } from "vitest";
import { TraceWriter } from "./trace-writer.ts";

interface Event {
  readonly ph: string;
  readonly name: string;
  readonly ts: number;
}

/** The events that `draw` writes, without names of tracks. */
function drawn(draw: (writer: TraceWriter) => void, sinceUs = 0): Event[] {
  let text = "";
  const writer = new TraceWriter((piece) => {
    text += piece;
  }, sinceUs);
  draw(writer);
  writer.finish({ run: "a" });
  const { traceEvents, otherData } = JSON.parse(text);
  expect(otherData).toEqual({ run: "a" });
  return (traceEvents as Event[]).filter(({ ph }) => ph !== "M");
}

const slice = (name: string, fromUs: number, toUs: number) => ({
  name,
  category: "c",
  fromUs,
  toUs,
});

describe("TraceWriter", () => {
  test("writes a file that parses when there is nothing in it", () => {
    expect(drawn(() => {})).toEqual([]);
  });

  test("nests async slices: each ends before what it is in, and before what follows", () => {
    const events = drawn((writer) =>
      writer.async(writer.process("p", 1), [
        slice("all", 0, 10),
        slice("first", 1, 4),
        slice("inner", 2, 3),
        slice("second", 4, 10),
      ]),
    );
    expect(events.map(({ ph, name, ts }) => `${ph} ${name} ${ts}`)).toEqual([
      "b all 0",
      "b first 1",
      "b inner 2",
      "e inner 3",
      "e first 4",
      "b second 4",
      "e second 10",
      "e all 10",
    ]);
  });

  test("leaves out what ended before the beginning, and cuts what reaches over it", () => {
    const events = drawn((writer) => {
      const track = writer.process("p", 1);
      writer.slice(track, slice("before", 1, 4));
      writer.slice(track, slice("over", 1, 9));
      writer.counter(track, "early", 4, 1);
      writer.instant(track, "late", 6);
      writer.async(track, [slice("all", 0, 8), slice("gone", 1, 2)]);
    }, 5);
    expect(events).toMatchObject([
      { ph: "X", name: "over", ts: 5, dur: 4 },
      { ph: "i", name: "late", ts: 6 },
      { ph: "b", name: "all", ts: 5 },
      { ph: "e", name: "all", ts: 8 },
    ]);
  });
});
