import { describe, expect, test } from "vitest";
import type { ExportFlags } from "./commands/export.ts";
import { exportCommand } from "./export-command.ts";

const surroundings = {
  terminal: { out: () => {}, err: () => {}, isInteractive: false, columns: 80 },
  version: "1.2.3",
  signal: new AbortController().signal,
  debug: false,
  workingDirectory: "/nowhere",
};

describe("stowage export", () => {
  test.each([
    [{ since: "soon" }, '--since: got "soon", want a time such as 90s or 1h30m'],
    [{ until: "-1s" }, '--until: got "-1s", want a time such as 90s or 1h30m'],
    [{ interval: "30s" }, "--interval is for --format openmetrics, got --format perfetto"],
    [{ pods: true }, "--pods is for --format openmetrics, got --format perfetto"],
    [
      { format: "openmetrics", requests: 0.5 },
      "--requests is for --format perfetto, got --format openmetrics",
    ],
    [{}, "out: no such folder or file"],
  ])("refuses %j", async (flags, message) => {
    const none = Object.fromEntries(
      ["format", "out", "since", "until", "interval", "pods", "requests", "quiet", "policy"]
        .concat("seed", "workload", "cluster", "param", "inputs")
        .map((name) => [name, undefined]),
    );
    const query = { ...none, out: "-", ...flags } as unknown as ExportFlags;
    await expect(exportCommand("out", query, surroundings)).rejects.toThrow(message);
  });
});
