import { describe, expect, test } from "vitest";
import { FactScript } from "../test/fact-script.ts";
import { ApiRequestsRecorder, apiRequestColumns } from "./api-requests-recorder.ts";
import type { Cell } from "./row.ts";

/** Rows by column name, of what the script tells. */
function record(tell: (script: FactScript) => void): Record<string, Cell | undefined>[] {
  const recorder = new ApiRequestsRecorder();
  const script = new FactScript();
  recorder.attach(script.trace);
  tell(script);
  const rows: Record<string, Cell | undefined>[] = [];
  recorder.writeRows((row) =>
    rows.push(Object.fromEntries(apiRequestColumns.map((name, i) => [name, row[i]]))),
  );
  return rows;
}

describe("ApiRequestsRecorder", () => {
  test("divides the time of the requests of one client and kind", () => {
    const times = { client: "kubelet", subresource: "status", priorityLevel: "system" };
    const [row, ...others] = record((script) => {
      script.request("patch", "Pod", {
        ...times,
        ...{ issuedUs: 0, sentUs: 1000, arrivedUs: 1500, startedUs: 1600, proposedUs: 2000 },
        ...{ handledUs: 5000, answeredUs: 5500 },
      });
      script.request("patch", "Pod", {
        ...times,
        ...{ issuedUs: 6000, sentUs: 6000, arrivedUs: 6500, startedUs: 6900, proposedUs: 7000 },
        ...{ handledUs: 8000, answeredUs: 9500 },
      });
    });
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      ...{ client: "kubelet", verb: "patch", kind: "Pod", subresource: "status", code: 200 },
      ...{ priority_level: "system", count: 2, first_s: "0.005500", last_s: "0.009500" },
      ...{ mean_s: "0.004500", p50_s: "0.004500", max_s: "0.005500" },
      ...{ throttle_mean_s: "0.000500", throttle_max_s: "0.001000" },
      ...{ queue_mean_s: "0.000250", queue_max_s: "0.000400" },
      ...{ handling_mean_s: "0.002250", handling_max_s: "0.003400" },
      ...{ etcd_mean_s: "0.002000", etcd_max_s: "0.003000" },
    });
  });

  test("has a row for each client, verb, kind, code and priority level, in their order", () => {
    const rows = record((script) =>
      script
        .request("list", "Pod", { client: "b" })
        .request("list", "Pod", { client: "a", code: 429 })
        .request("list", "Pod", { client: "a" })
        .request("list", "Node", { client: "a" })
        .request("get", "Pod", { client: "a" })
        .request("list", "Pod", { client: "a", priorityLevel: "workload-low" }),
    );
    expect(
      rows.map((row) => [row["client"], row["verb"], row["kind"], row["code"]].join(" ")),
    ).toEqual([
      "a get Pod 200",
      "a list Node 200",
      "a list Pod 200",
      "a list Pod 200",
      "a list Pod 429",
      "b list Pod 200",
    ]);
  });

  test("says nothing of etcd where no request came so far", () => {
    const [row] = record((script) => script.request("get", "Pod"));
    expect(row).toMatchObject({ etcd_mean_s: "", etcd_max_s: "", queue_max_s: "0.000000" });
  });
});
