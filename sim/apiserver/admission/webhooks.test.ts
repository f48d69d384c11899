import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../../test/control-plane.ts";
import { defaultClusterOptions, type WebhookOptions } from "../../options/index.ts";

const HOOK: WebhookOptions = {
  name: "policy.example.com",
  type: "validating",
  kinds: ["Pod"],
  latency: "constant(50ms)",
};

function planeWith(...webhooks: WebhookOptions[]): ControlPlane {
  return new ControlPlane("1", { apiserver: { ...defaultClusterOptions.apiserver, webhooks } });
}

/** Virtual time that the API server works on a new pod, in milliseconds. */
function durationMs(plane: ControlPlane): number {
  const call = plane.create(podManifest("a"));
  return (call.handledUs - call.startedUs) / 1000;
}

describe("admission webhooks", () => {
  test.each<[string, WebhookOptions[], number]>([
    ["one takes its time", [HOOK], 50],
    ["validating ones are called at once", [HOOK, { ...HOOK, name: "b", latency: "80ms" }], 80],
    [
      "mutating ones one after the other",
      [
        { ...HOOK, type: "mutating" },
        { ...HOOK, type: "mutating", name: "b", latency: "80ms" },
      ],
      130,
    ],
    ["of another kind", [{ ...HOOK, kinds: ["Service"] }], 0],
    ["of all kinds", [{ ...HOOK, kinds: ["*"] }], 50],
    ["of another namespace", [{ ...HOOK, namespaces: ["other"] }], 0],
    ["of another operation", [{ ...HOOK, operations: ["UPDATE"] }], 0],
  ])("%s", (_case, webhooks, addedMs) => {
    const plain = durationMs(planeWith());
    expect(durationMs(planeWith(...webhooks)) - plain).toBeCloseTo(addedMs, 5);
  });

  test.each<[string, Partial<WebhookOptions>, number, string, string]>([
    [
      "denies",
      { rejectionRate: 1, message: "image is not signed" },
      403,
      "Forbidden",
      'admission webhook "policy.example.com" denied the request: image is not signed',
    ],
    [
      "denies without a word",
      { rejectionRate: 1, type: "mutating" },
      403,
      "Forbidden",
      'admission webhook "policy.example.com" denied the request without explanation',
    ],
    [
      "does not answer in time",
      { latency: "60s" },
      500,
      "InternalError",
      'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: context deadline exceeded',
    ],
    ["does not answer, which is ignored", { latency: "60s", failurePolicy: "Ignore" }, 201, "", ""],
  ])("one that %s", (_case, changes, code, reason, message) => {
    const call = planeWith({ ...HOOK, ...changes }).create(podManifest("a"));
    expect([call.code, call.reason, call.message]).toEqual([code, reason, message]);
  });

  test("is waited for no longer than its timeout", () => {
    const hook = { ...HOOK, latency: "60s", timeoutSeconds: 3, failurePolicy: "Ignore" } as const;
    const plain = durationMs(planeWith());
    expect(durationMs(planeWith(hook)) - plain).toBeCloseTo(3000, 5);
  });

  test("rejects the share that is asked for", () => {
    const plane = planeWith({ ...HOOK, rejectionRate: 0.3 });
    for (let i = 0; i < 1000; i++)
      plane.client.create("Pod", podManifest(`p${i}`), plane.done, undefined);
    plane.settle();
    const denied = plane.answers.filter(({ code }) => code === 403).length;
    expect(denied).toBeGreaterThan(250);
    expect(denied).toBeLessThan(350);
  });
});
