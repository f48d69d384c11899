import { describe, expect, test } from "vitest";
import { createTrace, type UserOperationFact } from "../sim/api/index.ts";
import { OperationsRecorder } from "./operations-recorder.ts";
import { refusedLines } from "./refused-lines.ts";
import type { Row } from "./row.ts";
import type { RunSummary } from "./summary.ts";

const created = (key: string, refusal: Partial<UserOperationFact> = {}): UserOperationFact => ({
  user: "",
  ...{ source: "a.yaml:1", verb: "create", kind: "Pod", key, code: 201, reason: "", message: "" },
  ...{ issuedUs: 1000, endUs: 2000 },
  ...refusal,
});
const full = { code: 403, reason: "Forbidden", message: "exceeded quota: q" };

function record(...facts: UserOperationFact[]) {
  const rows: Row[] = [];
  const recorder = new OperationsRecorder((row) => rows.push(row));
  const trace = createTrace();
  recorder.attach(trace);
  for (const fact of facts) trace.userOperation.emit(fact);
  return { rows, recorder, summary: { refused: recorder.refused() } as unknown as RunSummary };
}

describe("OperationsRecorder", () => {
  test("writes a row for each operation, with the words of a refusal", () => {
    const cordon = { user: "ops", verb: "cordon", kind: "Node", code: 200, source: "steps[0]" };
    const { rows, recorder } = record(created("team/a", full), created("n1", cordon));
    expect(rows).toEqual([
      [
        "0.001000",
        "0.002000",
        "",
        "a.yaml:1",
        "create",
        "Pod",
        "team",
        "a",
        403,
        "Forbidden",
      ].concat(full.message),
      ["0.001000", "0.002000", "ops", "steps[0]", "cordon", "Node", "", "n1", 200, "", ""],
    ]);
    expect([recorder.count, recorder.failed]).toEqual([2, 1]);
  });
});

describe("refusedLines", () => {
  test("has none when nothing was refused", () => {
    expect(refusedLines([record(created("a")).summary])).toEqual([]);
  });

  test("counts what was refused in one way together, over all runs", () => {
    const crowd = () => record(created("t/a", full), created("t/b", full), created("t/c")).summary;
    expect(refusedLines([crowd()])).toEqual([
      "2 operations failed, such as create Pod t/a: 403 exceeded quota: q.",
    ]);
    expect(refusedLines([crowd(), crowd()])).toEqual([
      "4 operations failed over 2 runs, such as create Pod t/a: 403 exceeded quota: q.",
    ]);
  });

  test("names three ways at most", () => {
    const codes = [403, 409, 429, 500].map((code) => created(`t/${code}`, { ...full, code }));
    expect(refusedLines([record(...codes).summary]).at(-1)).toBe(
      "1 operation failed in other ways.",
    );
  });
});
