import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { copyGraph } from "./copy-graph.ts";

const nothingShared = (): boolean => false;

class Point {
  x = 1;
  get double(): number {
    return this.x * 2;
  }
}

class Pixel extends Point {
  colour = "red";
}

class Secretive {
  #hidden = 1;
  reveal(): number {
    return this.#hidden;
  }
}

class KeyedMap extends Map<string, number> {}

describe("copyGraph", () => {
  test("copies plain data deeply, with classes, collections and typed arrays", () => {
    const original = {
      list: [1, "two", undefined, null, true, Number.NaN],
      nested: { point: new Pixel() },
      map: new Map<unknown, unknown>([["a", { b: 1 }]]),
      set: new Set([1, 2]),
      times: Float64Array.of(1.5, 2.5),
      bytes: Uint8Array.of(7).buffer,
      bare: Object.assign(Object.create(null) as object, { z: 1 }),
    };
    const copy = copyGraph(original, nothingShared);
    expect(copy).toEqual(original);
    expect(copy.nested.point).toBeInstanceOf(Pixel);
    expect(copy.nested.point.double).toBe(2);
    copy.nested.point.x = 9;
    copy.times[0] = 9;
    copy.map.clear();
    expect([original.nested.point.x, original.times[0], original.map.size]).toEqual([1, 1.5, 1]);
  });

  test("keeps sharing, cycles, and objects used as keys of maps and members of sets", () => {
    const point = new Point();
    const original = {
      point,
      again: [point],
      byPoint: new Map([[point, "here"]]),
      points: new Set([point]),
      self: undefined as unknown,
    };
    original.self = original;
    const copy = copyGraph(original, nothingShared);
    expect(copy.point).not.toBe(point);
    expect(copy.again[0]).toBe(copy.point);
    expect(copy.byPoint.get(copy.point)).toBe("here");
    expect(copy.points.has(copy.point)).toBe(true);
    expect(copy.self).toBe(copy);
  });

  test("keeps the order of keys, map entries and set members", () => {
    const original = {
      b: 1,
      a: 2,
      map: new Map([
        ["z", 1],
        ["y", 2],
      ]),
      set: new Set([3, 1, 2]),
    };
    const copy = copyGraph(original, nothingShared);
    expect(Object.keys(copy)).toEqual(["b", "a", "map", "set"]);
    expect([...copy.map.keys(), ...copy.set]).toEqual(["z", "y", 3, 1, 2]);
  });

  test("refers to the same object where it is shared, and does not look into it", () => {
    const pod = Object.freeze({ spec: {}, method: () => 1 });
    const copy = copyGraph({ pods: [pod, pod] }, (object) => object === pod);
    expect(copy.pods[0]).toBe(pod);
    expect(copy.pods[1]).toBe(pod);
  });

  test("is not deep in its own calls: a chain of 200,000 objects", () => {
    let chain: { next: unknown } = { next: undefined };
    for (let i = 0; i < 200_000; i++) chain = { next: chain };
    let copied = copyGraph(chain, nothingShared) as { next: unknown } | undefined;
    let length = 0;
    for (; copied !== undefined; copied = copied.next as typeof copied) length++;
    expect(length).toBe(200_001);
  });

  test.each([
    ["a function", () => 1, "a function"],
    ["a symbol", Symbol("s"), "a symbol"],
    ["a promise", Promise.resolve(), "a Promise"],
    ["a weak map", new WeakMap(), "a WeakMap"],
    ["a date", new Date(0), "a Date"],
    ["a regular expression", /x/, "a RegExp"],
    ["an error", new Error("x"), "a Error"],
    ["a generator", (function* () {})(), "a Generator"],
    ["an object with #private members", new Secretive(), "a Secretive, whose class has #private"],
    ["a subclass of Map", new KeyedMap(), "a Map"],
    ["a view of bytes", new DataView(new ArrayBuffer(1)), "a DataView"],
  ])("refuses %s, naming the path", (_, value, what) => {
    const state = { pods: new Map([["web-0", { timers: [1, { what: value }] }]]) };
    const copy = (): unknown => copyGraph(state, nothingShared);
    expect(copy).toThrow(`cannot copy ${what}`);
    expect(copy).toThrow("at pods(web-0).timers[1].what: the state of a run holds plain data only");
  });

  test("any JSON value comes out equal", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(copyGraph({ value }, nothingShared)).toEqual({ value });
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});
