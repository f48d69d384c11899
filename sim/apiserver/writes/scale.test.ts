import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../../test/control-plane.ts";
import type { ApiCall } from "../api-call.ts";

function planeWith(replicas: number): ControlPlane {
  const plane = new ControlPlane();
  plane.create({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "main", image: "web:1" }] },
      },
    },
  });
  return plane;
}

function update(plane: ControlPlane, replicas: number, resourceVersion = ""): ApiCall {
  const record = plane.etcd.record("Deployment", "default", "web");
  plane.client.updateScale(record, { replicas, resourceVersion }, plane.done, undefined);
  return plane.answer();
}

describe("the scale subresource", () => {
  test("shows the replicas and the selector of a Deployment", () => {
    const plane = planeWith(3);
    const record = plane.etcd.record("Deployment", "default", "web");
    plane.client.getScale(record, plane.done, undefined);
    const { uid, resourceVersion, creationTimestamp } = record.stored?.metadata ?? {};
    expect(plane.answer().object).toEqual({
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "web", namespace: "default", uid, resourceVersion, creationTimestamp },
      spec: { replicas: 3 },
      status: { replicas: 0, selector: "app=web" },
    });
  });

  test("sets the replicas and nothing else, and the generation rises", () => {
    const plane = planeWith(3);
    expect(update(plane, 5).object).toMatchObject({ kind: "Scale", spec: { replicas: 5 } });
    const { stored } = plane.etcd.record("Deployment", "default", "web");
    expect(stored).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 5 } });
  });

  test.each([
    [
      -1,
      "",
      422,
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      2,
      "1",
      409,
      'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    ],
  ])("refuses %d replicas at revision %j", (replicas, resourceVersion, code, message) => {
    const answer = update(planeWith(3), replicas, resourceVersion);
    expect([answer.code, answer.message]).toEqual([code, message]);
  });

  test("is not there for a pod", () => {
    const plane = new ControlPlane();
    plane.create(podManifest("a"));
    const record = plane.etcd.record("Pod", "default", "a");
    plane.client.getScale(record, plane.done, undefined);
    expect(plane.answer().code).toBe(404);
    plane.client.updateScale(record, { replicas: 1, resourceVersion: "" }, plane.done, undefined);
    expect(plane.answer().code).toBe(404);
  });
});
