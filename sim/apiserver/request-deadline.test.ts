import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import { type ClusterOptions, defaultClusterOptions } from "../options/index.ts";
import type { ApiCall } from "./api-call.ts";

const SECOND = 1_000_000;
const { apiserver, etcd, latency } = defaultClusterOptions;

function newPlane(options: Partial<ClusterOptions> = {}): ControlPlane {
  return new ControlPlane("1", options);
}

/** Seconds from the arrival of the request until its answer was made. */
function seconds({ arrivedUs, handledUs }: ApiCall): number {
  return (handledUs - arrivedUs) / SECOND;
}

function verdict(call: ApiCall): object {
  return [call.code, call.reason, call.message];
}

const WRITE_TIMED_OUT = [
  504,
  "Timeout",
  "Timeout: request did not complete within requested timeout - context deadline exceeded",
];

describe("a request that takes longer than --request-timeout", () => {
  const slow = { ...latency, apiHandling: "61s" };

  test("gets 504 at that time, and a write is not done", () => {
    const plane = newPlane({ latency: slow });
    const call = plane.create(podManifest("a"));
    expect(verdict(call)).toEqual(WRITE_TIMED_OUT);
    expect(seconds(call)).toBe(60);
    expect(plane.etcd.find("Pod", "default/a")).toBeUndefined();
  });

  test("is told so in the words of the filter where it reads", () => {
    const plane = newPlane({ latency: slow });
    plane.client.list("Pod", {}, plane.done, undefined);
    const message = "Timeout: request did not complete within the allotted timeout";
    expect(verdict(plane.answer())).toEqual([504, "Timeout", message]);
  });

  test("gives its seat back: with one seat the next one begins then", () => {
    const limits = { ...apiserver, priorityAndFairness: false, maxMutatingRequestsInflight: 1 };
    const plane = newPlane({ latency: slow, apiserver: limits });
    plane.create(podManifest("a"));
    const second = plane.create(podManifest("b"));
    expect(verdict(second)).toEqual(WRITE_TIMED_OUT); // and not 429
  });

  test("may take as long as the timeout says", () => {
    const limits = { ...apiserver, requestTimeoutSeconds: 120 };
    const plane = newPlane({ latency: slow, apiserver: limits });
    expect(plane.create(podManifest("a")).code).toBe(201);
  });

  test("is no watch", () => {
    const plane = newPlane({ latency: slow });
    const body = { revision: 1, handler: 0, context: 0 };
    plane.client.watch("Pod", body, plane.done, undefined);
    expect(plane.answer().code).toBe(200);
  });
});

describe("a write that etcd does not commit in time", () => {
  test("fails with etcd's error after its timeout, and is done nevertheless", () => {
    const plane = newPlane({ latency: { ...latency, etcdFsync: "10ms" } });
    plane.etcd.quorum.slowDown(2_000); // 20 s for one fsync
    const call = plane.create(podManifest("a"));
    expect(verdict(call)).toEqual([500, "", "etcdserver: request timed out"]);
    expect(seconds(call)).toBeCloseTo(7, 1); // 5 s and twice the election timeout
    expect(plane.answers).toHaveLength(1);
    expect(plane.etcd.find("Pod", "default/a")?.stored).toBeDefined();
  });

  test("of a fast enough etcd is not touched", () => {
    const plane = newPlane({ latency: { ...latency, etcdFsync: "10ms" } });
    plane.etcd.quorum.slowDown(500);
    expect(plane.create(podManifest("a")).code).toBe(201);
  });

  test("has the API server's timeout where etcd's own is longer", () => {
    const options = { ...etcd, electionTimeoutMilliseconds: 50_000 };
    const plane = newPlane({ etcd: options });
    plane.etcd.quorum.loseLeader(600 * SECOND);
    const call = plane.create(podManifest("a"));
    expect(verdict(call)).toEqual(WRITE_TIMED_OUT);
    expect(seconds(call)).toBe(60);
    expect(plane.answers).toHaveLength(1);
  });

  test("is answered once, like any that waits behind it", () => {
    const plane = newPlane({ latency: { ...latency, etcdFsync: "10ms" } });
    plane.etcd.quorum.slowDown(2_000);
    plane.create(podManifest("a"));
    plane.create(podManifest("b"));
    plane.settle();
    expect(plane.answers.map(({ code }) => code)).toEqual([500, 500]);
  });
});
