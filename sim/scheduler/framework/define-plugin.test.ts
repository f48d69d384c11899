import { describe, expect, test } from "vitest";
import { InputError } from "../../kernel/index.ts";
import { definePlugin } from "./define-plugin.ts";

describe("definePlugin refuses", () => {
  test.each<[string, object, string]>([
    [
      "a misspelt function",
      { scoree: () => 1 },
      'policy "X": there is no field "scoree". Did you mean score?',
    ],
    ["another case", { prefilter: () => "skip" }, "Did you mean preFilter?"],
    ["a name like none", { zzzzzzzz: 1 }, "Known: name, locality, reads, requeueOn, normalize, "],
    ["a weight", { weight: 3 }, "A weight belongs to the profile: export default { profile: "],
    ["the method of kube-scheduler", { normalizeScore: () => {} }, "Write normalize."],
    ["a score that is a number", { score: 3 }, 'policy "X" score: got 3, want a function. Corr'],
    ["a filter that is a text", { filter: "no" }, 'filter: got "no", want a function.'],
    ["a filter that is null", { filter: null }, "filter: got null, want a function."],
    ["one field instead of a list", { reads: "requests" }, 'reads: got "requests", want a list'],
    ["an unknown pod field", { reads: ["label"] }, 'reads: got "label", want fields among'],
    ["one event instead of a list", { requeueOn: "Node/Add" }, "want a list of events such as"],
    ["a locality that is no text", { locality: 3 }, "locality: got 3, want one of spec, node"],
    ["a normalisation of nothing", { normalize: {} }, "normalize: got {}, want none, max, "],
    ["a list of numbers to normalise", { normalize: 100 }, "normalize: got 100, want none, max"],
  ])("%s", (_, part, words) => {
    const make = (): unknown => definePlugin({ name: "X", ...part });
    expect(make).toThrow(InputError);
    expect(make).toThrow(words);
    expect(make).toThrow(/[.?]$/);
  });

  test.each([
    [undefined, "policy: got undefined, want an object with a name"],
    [[], "policy: got [], want an object"],
    [{}, "policy: got no name"],
  ])("%j", (plugin, words) => {
    expect(() => definePlugin(plugin as never)).toThrow(words);
  });
});

describe("definePlugin takes", () => {
  test("each of the ways to normalise", () => {
    const ways = ["none", "max", "maxReversed", "minMax", () => 1, { all: () => {} }] as const;
    for (const normalize of ways)
      expect(() => definePlugin({ name: "X", normalize })).not.toThrow();
  });

  test("an object of a class with fields of its own", () => {
    class Own {
      readonly name = "Own";
      readonly table = [1, 2];
      score(): number {
        return this.table.length;
      }
    }
    expect(definePlugin(new Own()).score?.({} as never, {} as never, undefined)).toBe(2);
  });
});
