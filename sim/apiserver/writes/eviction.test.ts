import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../../test/control-plane.ts";
import type { KeyRecord, Pod, PodDisruptionBudget } from "../../api/index.ts";
import type { ApiCall, DeleteOptions } from "../api-call.ts";

const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";

interface Setting {
  readonly phase?: string;
  readonly isReady?: boolean;
  /** Statuses of the budgets that select the pod. */
  readonly budgets?: readonly Partial<PodDisruptionBudget["status"]>[];
  readonly policy?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A running pod on a node, and budgets. */
class Eviction {
  readonly plane = new ControlPlane();
  readonly pod: KeyRecord<Pod>;

  constructor({ phase = "Running", isReady = true, budgets = [], policy, labels }: Setting) {
    const { plane } = this;
    const manifest = podManifest("a");
    plane.create({
      ...manifest,
      metadata: { ...manifest.metadata, labels: labels ?? { app: "a" } },
    });
    this.pod = plane.etcd.record("Pod", "default", "a") as KeyRecord<Pod>;
    plane.client.bind(this.pod, { nodeName: "n1", uid: "" }, plane.done, undefined);
    plane.settle();
    const conditions = [{ type: "Ready", status: isReady ? "True" : "False" }];
    plane.client.patch(
      this.pod,
      { status: { phase, conditions } },
      "status",
      plane.done,
      undefined,
    );
    plane.settle();
    for (const [i, status] of budgets.entries()) this.#budget(`b${i}`, status, policy);
  }

  #budget(name: string, status: object, unhealthyPodEvictionPolicy: string | undefined): void {
    const spec = {
      minAvailable: 1,
      selector: { matchLabels: { app: "a" } },
      ...(unhealthyPodEvictionPolicy === undefined ? {} : { unhealthyPodEvictionPolicy }),
    };
    const { plane } = this;
    plane.create({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name, namespace: "default" },
      spec,
    });
    const full = {
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 1,
      disruptionsAllowed: 0,
      observedGeneration: 1,
      ...status,
    };
    const record = plane.etcd.record("PodDisruptionBudget", "default", name);
    // As it is in the store, whatever the API would say of it: a status may be older than its rules.
    const { stored } = record;
    const next = { ...stored, metadata: { ...stored?.metadata }, status: full };
    plane.etcd.update(record, next as PodDisruptionBudget, "");
  }

  get status(): PodDisruptionBudget["status"] {
    const { stored } = this.plane.etcd.record("PodDisruptionBudget", "default", "b0");
    return (stored as PodDisruptionBudget).status;
  }

  /** Evicts, and looks until the first answer. */
  evict(options: DeleteOptions = {}): ApiCall {
    this.plane.client.evict(this.pod, options, this.plane.done, undefined);
    return this.plane.answer();
  }
}

describe("an eviction", () => {
  test("marks the pod as disrupted and deletes it", () => {
    const eviction = new Eviction({});
    expect(eviction.evict().code).toBe(200);
    const { metadata, status } = eviction.pod.stored as Pod;
    expect(metadata.deletionGracePeriodSeconds).toBe(30);
    expect(status.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "EvictionByEvictionAPI",
      message: "Eviction API: evicting",
    });
  });

  test("takes a disruption off the pod's budget in the same step", () => {
    const eviction = new Eviction({ budgets: [{ disruptionsAllowed: 1 }] });
    expect(eviction.evict().code).toBe(200);
    expect(eviction.status.disruptionsAllowed).toBe(0);
    expect(Object.keys(eviction.status.disruptedPods ?? {})).toEqual(["a"]);
    expect(eviction.status.conditions).toMatchObject([
      { type: "DisruptionAllowed", status: "False", reason: "InsufficientPods" },
    ]);
  });

  const cases: readonly [string, Setting, number, string, string][] = [
    [
      "nothing may go",
      { budgets: [{}] },
      429,
      VIOLATES,
      "The disruption budget b0 needs 1 healthy pods and has 1 currently",
    ],
    [
      "two budgets",
      { budgets: [{ disruptionsAllowed: 1 }, { disruptionsAllowed: 1 }] },
      500,
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
      "",
    ],
    [
      "a negative budget",
      { budgets: [{ disruptionsAllowed: -1 }] },
      403,
      'poddisruptionbudget.policy "b0" is forbidden: pdb disruptions allowed is negative',
      "",
    ],
    [
      "an unhealthy pod of an application that is short of healthy ones",
      { isReady: false, budgets: [{ currentHealthy: 0 }] },
      429,
      VIOLATES,
      "The disruption budget b0 needs 1 healthy pods and has 0 currently",
    ],
  ];
  test.each(cases)("is refused: %s", (_, setting, code, message, cause) => {
    const eviction = new Eviction(setting);
    const answer = eviction.evict();
    expect([answer.code, answer.message, answer.causes[0]?.message ?? ""]).toEqual([
      code,
      message,
      cause,
    ]);
    expect(answer.attempt).toBe(1); // it says no Retry-After: the client asks once
    expect(eviction.pod.stored?.metadata.deletionTimestamp).toBeUndefined();
  });

  test.each<[string, Setting]>([
    ["a pod that has succeeded", { phase: "Succeeded", budgets: [{}] }],
    ["a pod that has failed", { phase: "Failed", budgets: [{}] }],
    ["a pod that has not started", { phase: "Pending", isReady: false, budgets: [{}] }],
    ["a pod without labels", { labels: {}, budgets: [{}] }],
    ["an unhealthy pod of a healthy application", { isReady: false, budgets: [{}] }],
    [
      "an unhealthy pod where they are always allowed to go",
      { isReady: false, policy: "AlwaysAllow", budgets: [{ currentHealthy: 0 }] },
    ],
  ])("passes without counting: %s", (_, setting) => {
    const eviction = new Eviction(setting);
    expect(eviction.evict().code).toBe(200);
    expect(eviction.status.disruptionsAllowed).toBe(0);
    expect(eviction.status.disruptedPods).toBeUndefined();
  });

  test("waits by Retry-After while the budget's status is behind, and tries again", () => {
    const eviction = new Eviction({ budgets: [{ observedGeneration: 0 }] });
    const { plane, pod } = eviction;
    const startUs = plane.kernel.nowUs;
    plane.client.evict(pod, {}, plane.done, undefined);
    plane.kernel.run(startUs + 15_000_000);
    const record = plane.etcd.record("PodDisruptionBudget", "default", "b0");
    const status = { observedGeneration: 1, disruptionsAllowed: 1 };
    plane.client.patch(record, { status }, "status", plane.done, undefined);
    const answer = plane.answer();
    expect([answer.code, answer.attempt]).toEqual([200, 3]);
    expect(plane.kernel.nowUs - startUs).toBeGreaterThan(20_000_000);
  });

  test.each<[DeleteOptions]>([[{ uid: "other" }], [{ resourceVersion: "1" }]])(
    "with the precondition %j that does not hold leaves the pod alone",
    (options) => {
      const eviction = new Eviction({});
      expect(eviction.evict(options).code).toBe(409);
      expect(eviction.pod.stored?.status.conditions).toHaveLength(2);
    },
  );

  test("with the precondition of the revision that was read works", () => {
    const eviction = new Eviction({});
    const { resourceVersion = "" } = eviction.pod.stored?.metadata ?? {};
    expect(eviction.evict({ resourceVersion, gracePeriodSeconds: 0 }).code).toBe(200);
    expect(eviction.pod.stored).toBeUndefined();
  });
});
