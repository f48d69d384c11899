import { describe, expect, test } from "vitest";
import { KeyRecord } from "../sim/api/index.ts";
import { makePod } from "../test/builders.ts";
import { FactScript } from "../test/fact-script.ts";
import { LatencyRecorder, latencyColumns } from "./latency-recorder.ts";
import { PodJourneys } from "./pod-journeys.ts";
import type { Row } from "./row.ts";

function record(tell: (script: FactScript) => void) {
  const rows: Row[] = [];
  const script = new FactScript();
  const journeys = new PodJourneys();
  journeys.attach(script.trace);
  const recorder = new LatencyRecorder();
  recorder.attach(script.trace, journeys);
  tell(script);
  journeys.finish();
  recorder.writeRows((row) => rows.push(row));
  return { rows, recorder };
}

/** All durations in microseconds as `step label: max`. */
const maxima = (tell: (script: FactScript) => void) => {
  const max = latencyColumns.indexOf("max_s");
  const toUs = (cell: unknown) => Math.round(Number(cell) * 1e6);
  return record(tell).rows.map((row) => `${row[0]} ${row[1]}: ${toUs(row[max])}`);
};

const pod = makePod("p").build();
const anyRecord = new KeyRecord(0, "Pod", "default", "any");
const delivery = { client: "kubelet", record: anyRecord, revision: 1, timeUs: 0 };

describe("LatencyRecorder", () => {
  test("cuts an API request into its parts, by verb, kind and subresource", () => {
    const times = { issuedUs: 10, sentUs: 30, arrivedUs: 35, startedUs: 42, handledUs: 50 };
    const tell = (s: FactScript) =>
      s
        .request("create", "Pod", { ...times, answeredUs: 60 })
        .request("create", "Pod", { ...times, subresource: "binding", answeredUs: 61 })
        .request("get", "Node", { ...times, code: 404, answeredUs: 62 });
    expect(maxima(tell)).toEqual([
      "api_request create Pod: 50",
      "api_request create Pod/binding: 51",
      "api_request get Node: 52",
      "api_request_throttle create Pod: 20",
      "api_request_throttle create Pod/binding: 20",
      "api_request_throttle get Node: 20",
      "api_request_queue create Pod: 7",
      "api_request_queue create Pod/binding: 7",
      "api_request_queue get Node: 7",
      "api_request_handling create Pod: 8",
      "api_request_handling create Pod/binding: 8",
      "api_request_handling get Node: 8",
    ]);
  });

  test("has no row for waits of API requests where none waited", () => {
    const times = { issuedUs: 10, sentUs: 10, arrivedUs: 15, startedUs: 15 };
    const tell = (s: FactScript) =>
      s
        .request("create", "Pod", { ...times, handledUs: 15, answeredUs: 20 })
        .request("get", "Node", { ...times, startedUs: 18, handledUs: 18, answeredUs: 25 });
    expect(maxima(tell)).toEqual([
      "api_request create Pod: 10",
      "api_request get Node: 15",
      "api_request_queue get Node: 3",
      "api_request_handling create Pod: 0",
      "api_request_handling get Node: 0",
    ]);
  });

  test("times watch deliveries by kind and successful service requests by service", () => {
    const tell = ({ trace }: FactScript) => {
      trace.watchDelivered.emit({ ...delivery, kind: "Pod", lagUs: 9 });
      trace.watchDelivered.emit({ ...delivery, kind: "Node", lagUs: 4 });
      const none = { source: "web", sourceZone: "", endpointNode: "", endpointZone: "" };
      const tree = { dnsUs: 0, retryUs: 0, attempts: 1, trace: 0, span: 0, parentSpan: -1 };
      const where = { service: "default/web", sourceNode: "n1", endpoint: "web-1" };
      const request = { ...none, ...tree, ...where };
      const parts = { networkUs: 2, queueUs: 3, serviceUs: 4 };
      const ends = { startUs: 1, endUs: 10 };
      trace.serviceRequest.emit({ ...request, ...parts, ...ends, outcome: "ok" });
      trace.serviceRequest.emit({
        ...request,
        ...parts,
        startUs: 0,
        endUs: 99,
        outcome: "no-endpoints",
      });
    };
    expect(maxima(tell)).toEqual([
      "watch_delivery Node: 4",
      "watch_delivery Pod: 9",
      "service_request default/web: 9",
      "service_request_network default/web: 2",
      "service_request_queue default/web: 3",
      "service_request_service default/web: 4",
    ]);
  });

  test("times every scheduling attempt, and the scheduling as a whole", () => {
    const tell = (s: FactScript) =>
      s
        .created(pod, 100)
        .attempted("p", 1, [110, 110, 150, 157], { message: "full" })
        .attempted("p", 2, [110, 300, 320, 330], { node: "n1" })
        .bound("p", "n1", 345)
        .bindingAnswered("p", "n1", 330, 350);
    expect(maxima(tell)).toEqual([
      "queue_wait : 40",
      "scheduling_attempt scheduled: 10",
      "scheduling_attempt unschedulable: 7",
      "binding bound: 20",
      "scheduling_sli : 240",
      "scheduling_wait : 245",
    ]);
  });

  test("a failed binding counts as such and not for the scheduling SLI", () => {
    const tell = (s: FactScript) =>
      s
        .created(pod, 0)
        .attempted("p", 1, [1, 1, 2, 3], { node: "n1" })
        .bindingAnswered("p", "n1", 3, 9, false);
    expect(maxima(tell).slice(2)).toEqual(["binding failed: 6"]);
  });

  test("parts a pull's wait from the pull", () => {
    expect(maxima((s) => s.created(pod, 0).pulled("p", "n1", [10, 15, 40]))).toEqual([
      "image_pull : 25",
      "image_pull_wait : 5",
    ]);
  });

  const startup = (prepare: (script: FactScript) => void, attempts = 1, volumes: object[] = []) => {
    const built = makePod("p")
      .spec({ volumes: volumes as never })
      .build();
    const { recorder } = record((s) => {
      s.created(built, 1000).attempted("p", attempts, [1000, 1000, 1000, 1000], { node: "n1" });
      s.bound("p", "n1", 1100);
      prepare(s);
      s.started("p", "n1", 3000).reported("p", "Running", 3050).delivered("p", 3070);
    });
    return ["pod_startup", "pod_startup_slo"].map((step) => {
      const series = recorder.series(step as "pod_startup");
      return series.count === 0 ? "none" : series.maxUs;
    });
  };

  test.each<[string, (script: FactScript) => void, number]>([
    ["nothing to prepare", () => {}, 2070],
    ["a pull, its wait included", (s) => s.pulled("p", "n1", [1200, 1300, 1700]), 1570],
    ["init containers", (s) => s.initialized("p", "n1", 1200, 1900), 1370],
    [
      "parallel pulls, counted once",
      (s) => s.pulled("p", "n1", [1200, 1200, 1500]).pulled("p", "n1", [1200, 1200, 1900]),
      1370,
    ],
    [
      "a pull within the init containers' time",
      (s) => s.pulled("p", "n1", [1300, 1300, 1400]).initialized("p", "n1", 1200, 1900),
      1370,
    ],
    [
      "a gap between two pulls counts as start-up",
      (s) => s.pulled("p", "n1", [1200, 1200, 1300]).pulled("p", "n1", [1500, 1500, 1600]),
      1870,
    ],
  ])("pod start-up by the SLO leaves out preparation: %s", (_, prepare, sloUs) => {
    expect(startup(prepare)).toEqual([2070, sloUs]);
  });

  test.each<[string, number, object[], number | "none"]>([
    ["a pod that needed two attempts was not schedulable at once", 2, [], "none"],
    ["a pod with a claim is not stateless", 1, [{ name: "v", persistentVolumeClaim: {} }], "none"],
    ["a pod with a config map is stateless", 1, [{ name: "v", configMap: {} }], 2070],
  ])("the SLO counts schedulable stateless pods: %s", (_, attempts, volumes, sloUs) => {
    expect(startup(() => {}, attempts, volumes)).toEqual([2070, sloUs]);
  });

  test("rows carry count, mean, quantiles and whether these are exact", () => {
    const { rows } = record(({ trace }) => {
      for (let lagUs = 1; lagUs <= 100; lagUs++)
        trace.watchDelivered.emit({ ...delivery, kind: "Pod", lagUs: 1000 * lagUs });
    });
    expect(rows).toEqual([
      [
        ...["watch_delivery", "Pod", 100, "0.050500", "0.050500"],
        ...["0.090100", "0.095050", "0.099010", "0.100000", true],
      ],
    ]);
  });
});
