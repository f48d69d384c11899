import { describe, expect, test } from "vitest";
import { FactScript } from "../../test/fact-script.ts";
import type { Row } from "../row.ts";
import { NamesRecorder, nameColumns } from "./names-recorder.ts";
import { ProxiesRecorder, proxyColumns } from "./proxies-recorder.ts";

function rowsOf(
  recorder: ProxiesRecorder | NamesRecorder,
  columns: readonly string[],
  tell: (script: FactScript) => void,
) {
  const rows: Row[] = [];
  const script = new FactScript();
  recorder.attach(script.trace);
  tell(script);
  recorder.writeRows((row) => rows.push(row));
  return rows.map((row) => {
    expect(row).toHaveLength(columns.length);
    return Object.fromEntries(columns.map((column, i) => [column, row[i]]));
  });
}

describe("proxies.csv", () => {
  const record = (tell: (script: FactScript) => void) =>
    rowsOf(new ProxiesRecorder(), proxyColumns, tell);

  test("sums up all nodes, then each of the slowest", () => {
    const rows = record((script) =>
      script
        .synced("n1", 100, { isFull: true, programmingUs: [1_000_000, 3_000_000] })
        .synced("n2", 300, { programmingUs: [5_000_000] })
        .synced("n1", 200),
    );
    expect(rows.map((row) => row["node"])).toEqual(["*", "n2", "n1"]);
    expect(rows[0]).toMatchObject({
      ...{ full_syncs: 1, partial_syncs: 2, sync_mean_s: "0.000200", sync_p50_s: "0.000200" },
      ...{ changes: 3, programming_p50_s: "3.000000", programming_p99_s: "4.960000" },
    });
    expect(rows[2]).toMatchObject({
      ...{ full_syncs: 1, partial_syncs: 1, sync_mean_s: "0.000150", sync_p50_s: "" },
      ...{ changes: 2, programming_mean_s: "2.000000", programming_max_s: "3.000000" },
    });
  });

  test("has ten nodes at most, equal ones by name, and no row where nothing was written", () => {
    const rows = record((script) => {
      for (let i = 29; i >= 10; i--) script.synced(`n${i}`, 5, { programmingUs: [7] });
    });
    const names = Array.from({ length: 10 }, (_, i) => `n${i + 10}`);
    expect(rows.map((row) => row["node"])).toEqual(["*", ...names]);
    expect(record(() => {})).toEqual([]);
  });

  test("a sync without a change has no programming time", () => {
    const rows = record((script) => script.synced("n1", 5));
    for (const row of rows)
      expect(row).toMatchObject({ changes: 0, programming_mean_s: "", programming_max_s: "" });
  });
});

describe("names.csv", () => {
  const record = (tell: (script: FactScript) => void) =>
    rowsOf(new NamesRecorder(), nameColumns, tell);

  test("sums up all names, then each by itself", () => {
    const rows = record((script) =>
      script
        .lookedUp("web", 4_000, { queries: 6, cache: "server" })
        .lookedUp("web", 0, { queries: 0, cache: "client" })
        .lookedUp("api", 9_000, { queries: 2, outcome: "name-unknown" })
        .lookedUp("web", 5_000_000, { queries: 4, outcome: "name-timeout" }),
    );
    expect(rows.map((row) => [row["name"], row["lookups"]])).toEqual([
      ["*", 4],
      ["api", 1],
      ["web", 3],
    ]);
    expect(rows[0]).toMatchObject({
      ...{ name_unknown: 1, name_timeout: 1, queries: 12, queries_per_lookup: 3 },
      ...{ client_cache_share: 0.25, node_cache_share: 0, server_cache_share: 0.25 },
      ...{ no_cache_share: 0.5, p50_s: "0.006500", max_s: "5.000000", is_exact: true },
    });
    expect(rows[2]).toMatchObject({ queries_per_lookup: 3.333333, p50_s: "0.004000" });
  });

  test("names past the first 10,000 count for all of them only", () => {
    const rows = record((script) => {
      for (let i = 0; i < 10_050; i++) script.lookedUp(`random-${i}`, 1);
    });
    expect([rows.length, rows[0]?.["lookups"]]).toEqual([10_001, 10_050]);
    expect(record(() => {})).toEqual([]);
  });
});
