import { describe, expect, test } from "vitest";
import { FactScript } from "../../test/fact-script.ts";
import type { Row } from "../row.ts";
import { type TraceOptions, TracesRecorder, traceColumns } from "./traces-recorder.ts";

const everything: TraceOptions = { share: 1, limit: 1_000_000 };

function record(options: TraceOptions, tell: (script: FactScript) => void) {
  const rows: Row[] = [];
  const recorder = new TracesRecorder(options);
  const script = new FactScript();
  recorder.attach(script.trace);
  tell(script);
  recorder.writeRows((row) => rows.push(row));
  return rows;
}

const column = (rows: readonly Row[], name: (typeof traceColumns)[number]) =>
  rows.map((row) => row[traceColumns.indexOf(name)]);

/** One call each. */
const flat = (traces: readonly number[]) => (script: FactScript) => {
  for (const trace of traces) script.served(20_000 + trace, { trace });
};
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const tracesOf = (options: TraceOptions, traces: readonly number[]) =>
  column(record(options, flat(traces)), "trace");

describe("request-traces.csv", () => {
  test("has the calls of a tree in the order in which they were made", () => {
    const rows = record(everything, (script) =>
      script
        .served(40_000, { trace: 5, span: 2, parentSpan: 1, service: "default/db" })
        .served(45_000, { trace: 4 })
        .served(50_000, { trace: 5, span: 1, parentSpan: 0, service: "default/api" })
        .served(60_000, { trace: 5, startUs: 0, queueUs: 7, attempts: 2 }),
    );
    expect(column(rows, "trace")).toEqual([4, 5, 5, 5]);
    expect(column(rows, "span")).toEqual([0, 0, 1, 2]);
    expect(column(rows, "parent_span")).toEqual(["", "", 0, 1]);
    const cells = Object.fromEntries(traceColumns.map((name, i) => [name, rows[1]?.[i]]));
    expect(cells).toMatchObject({
      ...{ service: "default/web", source: "load", source_node: "n1", endpoint: "web-0" },
      ...{ start_s: "0.000000", end_s: "0.060000", network_s: "0.001000", queue_s: "0.000007" },
      ...{ attempts: 2, outcome: "ok" },
    });
  });

  test("leaves out trees whose first call has not ended, and keeps calls made in vain", () => {
    const rows = record(everything, (script) =>
      script
        .served(1, { trace: 1, span: 1, parentSpan: 0 })
        .served(2, { trace: 2, outcome: "timeout" })
        .served(3, { trace: 2, span: 1, parentSpan: 0 }),
    );
    expect(column(rows, "trace")).toEqual([2, 2]);
  });

  test("samples a share of the trees", () => {
    const count = tracesOf({ ...everything, share: 0.1 }, upTo(20_000)).length;
    expect(Math.abs(count / 2000 - 1)).toBeLessThan(0.1);
    expect(tracesOf({ share: 0, limit: 9 }, upTo(100))).toEqual([]);
    expect(tracesOf({ share: 1, limit: 0 }, upTo(100))).toEqual([]);
  });

  test("a tree of the smaller sample is in the larger one too", () => {
    const large = tracesOf({ share: 0.2, limit: 1000 }, upTo(500));
    const small = tracesOf({ share: 0.05, limit: 1000 }, upTo(500));
    expect(small.length).toBeGreaterThan(5);
    expect(large).toEqual(expect.arrayContaining(small));
  });

  test("keeps as many trees as the limit says, from all parts of the run", () => {
    const traces = tracesOf({ share: 1, limit: 100 }, upTo(10_000)).map(Number);
    expect(traces).toHaveLength(100);
    const late = traces.filter((trace) => trace >= 5_000).length;
    expect(late).toBeGreaterThan(30);
    expect(late).toBeLessThan(70);
  });

  test("the sample does not depend on the order in which requests end", () => {
    const options = { share: 1, limit: 20 };
    expect(tracesOf(options, upTo(1_000).reverse())).toEqual(tracesOf(options, upTo(1_000)));
  });

  test("a runaway tree keeps its first thousand calls to end and the first one made", () => {
    const rows = record(everything, (script) => {
      for (let span = 1; span < 3_000; span++) script.served(20_000, { span, parentSpan: 0 });
      script.served(20_000);
    });
    expect(rows).toHaveLength(1_001);
    expect(column(rows, "span")[0]).toBe(0);
  });
});
