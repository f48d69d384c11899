import { describe, expect, test } from "vitest";
import { openWorkload, parseTraceName, type WorkloadSpec } from "./registry.ts";

const context = { baseDirectory: "/", notice: () => {} };

describe("parseTraceName", () => {
  test.each([
    ["a name", "openb", undefined],
    ["a file", "openb:lists/mine.csv", "lists/mine.csv"],
    ["a file with a colon", "openb:C:/lists/mine.csv", "C:/lists/mine.csv"],
  ])("reads %s", (_case, text, file) => {
    expect(parseTraceName(text)).toEqual({ trace: "openb", file });
  });

  test.each([
    ["a slip", "opnb", 'trace: got "opnb", want the name of a trace. Did you mean "openb"?'],
    [
      "an unknown trace",
      "google-borg",
      'got "google-borg", want the name of a trace. Known: openb.',
    ],
    ["no file", "openb:", 'trace "openb:": got no file after the colon, want openb:FILE.'],
  ])("refuses %s", (_case, text, message) => {
    expect(() => parseTraceName(text)).toThrow(message);
  });
});

describe("openWorkload", () => {
  test("opens the reader that the settings name", async () => {
    const spec: WorkloadSpec = {
      type: "synthetic",
      nodes: [],
      pods: [],
      jobs: [],
      deployments: [],
    };
    expect((await openWorkload(spec, context)).name).toBe("synthetic");
  });

  test("refuses an unknown one with the nearest known name", async () => {
    const spec = { type: "sinthetic" } as unknown as WorkloadSpec;
    await expect(openWorkload(spec, context)).rejects.toThrow('Did you mean "synthetic"?');
  });
});
