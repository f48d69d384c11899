import { describe, expect, test } from "vitest";
import { InputError } from "../sim/kernel/index.ts";
import { Interruption } from "./interruption.ts";
import { reportError } from "./report-error.ts";
import { UsageError } from "./usage-error.ts";

function report(error: unknown, debug = false) {
  let text = "";
  const terminal = {
    out: () => {},
    err: (part: string) => {
      text += part;
    },
    isInteractive: false,
    columns: 80,
  };
  return { code: reportError(error, terminal, debug), text };
}

const systemError = Object.assign(new Error("EACCES: permission denied, open '/x'"), {
  code: "EACCES",
  path: "/x",
});

describe("reportError", () => {
  test.each([
    ["the user's mistake", new InputError("a.yaml:3: got 5"), 1, "stowage: a.yaml:3: got 5\n"],
    ["a bad command line", new UsageError("no"), 2, "stowage: no. See stowage --help.\n"],
    ["a refusal of the system", systemError, 1, "stowage: /x: permission denied."],
    ["Ctrl-C", new Interruption("SIGINT"), 130, "stowage: stopped by SIGINT; unfinished files"],
    ["a kill", new Interruption("SIGTERM"), 143, "stowage: stopped by SIGTERM"],
    ["a closed terminal", new Interruption("SIGHUP"), 129, "stowage: stopped by SIGHUP"],
    ["a bug", new Error("queue length -1"), 70, "report it"],
    ["a thrown text", "oops", 70, "oops"],
  ])("%s", (_case, error, code, start) => {
    const reported = report(error);
    expect(reported.code).toBe(code);
    expect(reported.text).toContain(start);
    expect(reported.text).not.toContain("report-error.test.ts");
  });

  test("the stack of a bug is shown on demand", () => {
    expect(report(new Error("x"), true).text).toContain("report-error.test.ts");
    expect(report(new InputError("x"), true).text).toBe("stowage: x\n");
  });
});
