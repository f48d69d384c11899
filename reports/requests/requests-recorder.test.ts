import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CallOutcome } from "../../sim/api/index.ts";
import { FactScript } from "../../test/fact-script.ts";
import type { Cell, Row } from "../row.ts";
import { imbalanceOf } from "./imbalance.ts";
import { callOutcomes, outcomeColumns } from "./outcome-columns.ts";
import { RequestsRecorder } from "./requests-recorder.ts";
import { endpointColumns, requestColumns, serviceColumns } from "./service-rows.ts";

const SECOND = 1_000_000;
type Cells = Readonly<Record<string, Cell | undefined>>;

function record(tell: (script: FactScript) => void, endUs = 25 * SECOND) {
  const rows: Record<"services" | "requests" | "endpoints", Cells[]> = {
    services: [],
    requests: [],
    endpoints: [],
  };
  const sinkOf = (name: keyof typeof rows, columns: readonly string[]) => (row: Row) => {
    expect(row).toHaveLength(columns.length);
    rows[name].push(Object.fromEntries(columns.map((column, i) => [column, row[i]])));
  };
  const recorder = new RequestsRecorder(10 * SECOND, {
    services: sinkOf("services", serviceColumns),
    requests: sinkOf("requests", requestColumns),
    endpoints: sinkOf("endpoints", endpointColumns),
  });
  const script = new FactScript();
  recorder.attach(script.trace);
  tell(script);
  recorder.finish(endUs);
  return { ...rows, figures: recorder.figures() };
}

const of = (row: Cells | undefined, ...columns: string[]) => columns.map((name) => row?.[name]);

describe("services.csv", () => {
  test("sums up a Service: counts, goodput, times and their parts", () => {
    const { services } = record((script) =>
      script
        .served(SECOND, { startUs: 0, networkUs: 200_000, queueUs: 300_000, serviceUs: 500_000 })
        .served(2 * SECOND, { startUs: 0, dnsUs: 100_000, retryUs: 900_000, attempts: 3 })
        .served(4 * SECOND, { outcome: "timeout", startUs: 0 }),
    );
    expect(services).toHaveLength(1);
    expect(services[0]).toMatchObject({
      ...{ service: "default/web", source_zone: "*", requests: 3, ok: 2, failed: 1, timeout: 1 },
      ...{ first_s: "0.000000", last_s: "4.000000", goodput_per_s: 0.5 },
      ...{ attempts: 5, retries_per_request: 0.666667 },
      ...{ mean_s: "1.500000", p50_s: "1.500000", max_s: "2.000000", is_exact: true },
      ...{ network_p50_s: "0.100500", queue_p50_s: "0.150000", queue_p99_s: "0.297000" },
      ...{ dns_p50_s: "0.050000", retry_p50_s: "0.450000" },
    });
  });

  test.each(callOutcomes.slice(1))("counts %s in a column of its own", (outcome) => {
    const { services } = record((script) => script.served(SECOND, { outcome }));
    const column = outcome.replaceAll("-", "_");
    const failures = outcomeColumns.slice(2).filter((name) => services[0]?.[name] !== 0);
    expect(failures).toEqual([column]);
    expect(of(services[0], "ok", "failed", column, "p50_s", "network_p99_s")).toEqual([
      ...[0, 1, 1],
      ...["", ""],
    ]);
  });

  test("has a row per source zone behind that of all, Services and zones by name", () => {
    const { services } = record((script) =>
      script
        .served(SECOND, { service: "default/web", sourceZone: "b" })
        .served(SECOND, { service: "default/api" })
        .served(SECOND, { service: "default/web", sourceZone: "a" })
        .served(SECOND, { service: "default/web" })
        .served(SECOND, { service: "default/web", sourceZone: "b" }),
    );
    expect(services.map((row) => of(row, "service", "source_zone", "requests"))).toEqual([
      ["default/api", "*", 1],
      ["default/web", "*", 4],
      ["default/web", "", 1],
      ["default/web", "a", 1],
      ["default/web", "b", 2],
    ]);
  });

  test("takes the share of requests that cross zones where both are known", () => {
    const to = (sourceZone: string, endpointZone: string) => ({ sourceZone, endpointZone });
    const { services, figures } = record((script) =>
      script
        .served(1, to("a", "a"))
        .served(2, to("a", "b"))
        .served(3, to("a", "a"))
        .served(4, to("b", "a"))
        .served(5, to("a", ""))
        .served(6, { ...to("a", ""), endpoint: "", outcome: "no-endpoints" }),
    );
    expect(services.map((row) => row["cross_zone_share"])).toEqual([0.5, 0.333333, 1]);
    expect(figures["service_request_cross_zone_share"]).toBe(0.5);
  });

  test("tells how even the load of the endpoints is", () => {
    const { services, figures } = record((script) => {
      for (const endpoint of ["a", "a", "a", "b"]) script.served(SECOND, { endpoint });
      script.served(SECOND, { endpoint: "", outcome: "no-endpoints" });
    });
    expect(of(services[0], "endpoints", "endpoint_cv", "endpoint_max_over_mean")).toEqual([
      ...[2, 0.5, 1.5],
    ]);
    expect(figures["service_request_endpoint_cv"]).toBe(0.5);
  });

  test("says so when percentiles are no longer exact", () => {
    const { services } = record((script) => {
      for (let i = 0; i < 2000; i++) script.served(SECOND, { startUs: SECOND - 1_000 - i });
    });
    expect(services[0]?.["is_exact"]).toBe(false);
    expect(Math.abs(Number(services[0]?.["p50_s"]) / 0.0019995 - 1)).toBeLessThan(1 / 256);
  });
});

describe("requests.csv", () => {
  test("counts a request in the interval in which it ended; empty intervals have no row", () => {
    const { requests } = record((script) =>
      script
        .served(2 * SECOND)
        .served(9_999_999, { outcome: "queue-full" })
        .served(21 * SECOND, { startUs: 0 }),
    );
    const columns = ["start_s", "end_s", "requests", "queue_full", "goodput_per_s", "max_s"];
    expect(requests.map((row) => of(row, ...columns))).toEqual([
      ["0.000000", "10.000000", 2, 1, 0.1, "0.010000"],
      ["20.000000", "25.000000", 1, 0, 0.2, "21.000000"],
    ]);
  });

  test("an interval that begins where another ends has the request of that instant", () => {
    const { requests } = record((script) => script.served(10 * SECOND));
    expect(of(requests[0], "start_s", "end_s")).toEqual(["10.000000", "20.000000"]);
  });

  test("percentiles belong to their interval alone", () => {
    const { requests, services } = record((script) =>
      script.served(5 * SECOND, { startUs: 0 }).served(15 * SECOND, { startUs: 14 * SECOND }),
    );
    expect(requests.map((row) => row["p50_s"])).toEqual(["5.000000", "1.000000"]);
    expect(services[0]?.["p50_s"]).toBe("3.000000");
  });
});

describe("endpoints.csv", () => {
  test("has what each pod served and what failed there", () => {
    const { endpoints } = record((script) =>
      script
        .served(1 * SECOND, { endpoint: "web-1", endpointNode: "n9", endpointZone: "c" })
        .attemptFailed({ endpoint: "web-0" })
        .attemptFailed({ endpoint: "" })
        .served(2 * SECOND, { endpoint: "web-1", endpointNode: "n9", endpointZone: "c" })
        .served(3 * SECOND, { endpoint: "web-1", endpointNode: "n8", endpointZone: "d" })
        .served(4 * SECOND, { endpoint: "web-0", outcome: "connection-reset" }),
    );
    const counts = ["requests", "share", "ok", "failed", "failed_attempts", "p50_s"];
    expect(endpoints.map((row) => of(row, "endpoint", "node", "zone", ...counts))).toEqual([
      ["web-0", "n2", "", 1, 0.25, 0, 1, 1, ""],
      ["web-1", "n8", "d", 3, 0.75, 3, 0, 0, "0.010000"],
    ]);
  });
});

describe("all requests", () => {
  const fact = fc.record({
    service: fc.constantFrom("default/a", "default/b"),
    sourceZone: fc.constantFrom("", "x", "y"),
    endpoint: fc.constantFrom("", "p", "q"),
    endpointZone: fc.constantFrom("", "x", "y"),
    outcome: fc.constantFrom<CallOutcome>("ok", "ok", "timeout", "error"),
    attempts: fc.integer({ min: 1, max: 3 }),
    gapUs: fc.integer({ min: 0, max: 4 * SECOND }),
  });
  const sum = (rows: readonly Cells[], column: string) =>
    rows.reduce((total, row) => total + Number(row[column]), 0);

  test("are conserved: by kind, by zone, by interval and by endpoint", () => {
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 60 }), (facts) => {
        let nowUs = 0;
        const { services, requests, endpoints } = record((script) => {
          for (const { gapUs, ...one } of facts) {
            nowUs += gapUs;
            script.served(nowUs, one);
          }
        }, 300 * SECOND);
        const all = services.filter((row) => row["source_zone"] === "*");
        expect(sum(all, "requests")).toBe(facts.length);
        for (const row of [...services, ...requests]) {
          const kinds = outcomeColumns.slice(2).reduce((n, kind) => n + Number(row[kind]), 0);
          expect(kinds).toBe(row["failed"]);
          expect(Number(row["ok"]) + Number(row["failed"])).toBe(row["requests"]);
        }
        for (const { service, requests: total, source_zone } of services) {
          const inTime = requests.filter(
            (row) => row["service"] === service && row["source_zone"] === source_zone,
          );
          // A row of a zone may be missing in intervals before the first zone was seen.
          if (source_zone === "")
            expect(sum(inTime, "requests")).toBeLessThanOrEqual(Number(total));
          else expect(sum(inTime, "requests")).toBe(total);
          const zones = services.filter((row) => row["service"] === service).slice(1);
          if (source_zone === "*" && zones.length > 0) expect(sum(zones, "requests")).toBe(total);
        }
        expect(sum(endpoints, "requests")).toBe(facts.filter((one) => one.endpoint !== "").length);
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});

describe("imbalanceOf", () => {
  test.each([
    ["no endpoint", [], { endpoints: 0, cv: 0, maxOverMean: 0 }],
    ["one", [7], { endpoints: 1, cv: 0, maxOverMean: 1 }],
    ["even", [5, 5, 5], { endpoints: 3, cv: 0, maxOverMean: 1 }],
    ["one has all but one", [9, 0, 1], { endpoints: 2, cv: 0.8, maxOverMean: 1.8 }],
  ])("%s", (_, requests, expected) => {
    expect(imbalanceOf(requests)).toEqual(expected);
  });
});

test("requests.csv has the percentiles of each interval", () => {
  const { requests } = record((script) => {
    for (let i = 1; i <= 1_000; i++) script.served(SECOND + i, { startUs: SECOND + i - i * 1_000 });
  }, 10 * SECOND);
  const columns = ["p50_s", "p90_s", "p95_s", "p99_s", "p99_9_s", "max_s"];
  const [row] = requests.map((each) => of(each, ...columns).map(Number));
  [0.5, 0.9, 0.95, 0.99, 0.999, 1].forEach((seconds, i) => {
    expect(Math.abs((row?.[i] ?? 0) - seconds)).toBeLessThanOrEqual(0.001);
  });
});

test("of a Service whose pods come and go, 10,000 are told apart, and the others count together", () => {
  const { endpoints, services } = record((script) => {
    for (let i = 0; i < 10_050; i++) script.served(SECOND, { endpoint: `p${i}` });
  });
  expect(endpoints).toHaveLength(10_001);
  expect(endpoints.at(-1)).toMatchObject({ endpoint: "(others)", requests: 50, ok: 50 });
  expect(endpoints.reduce((sum, { requests }) => sum + Number(requests), 0)).toBe(10_050);
  expect(services[0]).toMatchObject({ requests: 10_050, endpoints: 10_000, endpoint_cv: 0 });
});
