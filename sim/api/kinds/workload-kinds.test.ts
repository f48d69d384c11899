import { describe, expect, test } from "vitest";
import { describeFieldError } from "../field-error.ts";
import type { Kind } from "../kind.ts";
import type { ApiObject, DaemonSet, ObjectMeta, StatefulSet } from "../objects.ts";
import { controllerRevisionKind } from "./controller-revision.ts";
import { daemonSetKind } from "./daemon-set.ts";
import { statefulSetKind } from "./stateful-set.ts";

const metadata: ObjectMeta = {
  name: "a",
  namespace: "default",
  uid: "u",
  resourceVersion: "1",
  creationTimestamp: "2024-01-01T00:00:00Z",
};
const selector = { matchLabels: { app: "a" } };
const labelled = { metadata: { labels: { app: "a" } } };
const template = { ...labelled, spec: { containers: [{ name: "main", image: "web:1" }] } };

const stateful = (spec: object = {}): StatefulSet =>
  statefulSetKind.defaults({ metadata, spec: { selector, template, serviceName: "a", ...spec } });
const daemon = (spec: object = {}): DaemonSet =>
  daemonSetKind.defaults({ metadata, spec: { selector, template, ...spec } });
const faults = <T extends ApiObject>(kind: Kind<T>, object: T): string[] =>
  kind.validate(object).map(describeFieldError);

describe("StatefulSet", () => {
  test("has the documented defaults", () => {
    expect(stateful().spec).toMatchObject({
      replicas: 1,
      minReadySeconds: 0,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    expect(stateful({ updateStrategy: { type: "RollingUpdate" } }).spec.updateStrategy).toEqual({
      type: "RollingUpdate",
    });
  });

  test.each<[string, object, string[]]>([
    ["nothing wrong", {}, []],
    [
      "a policy that there is not",
      { podManagementPolicy: "Fast" },
      ["spec.podManagementPolicy: Invalid value: \"Fast\": must be 'OrderedReady' or 'Parallel'"],
    ],
    [
      "a negative partition",
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: -1 } } },
      [
        "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0",
      ],
    ],
    [
      "a rolling update that is none",
      { updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } },
      [
        "spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for updateStrategy 'RollingUpdate'",
      ],
    ],
    [
      "a retention policy that there is not",
      { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Keep" } },
      [
        'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Delete", "Retain"',
      ],
    ],
    [
      "an empty selector",
      { selector: {} },
      [
        "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for statefulset",
      ],
    ],
    [
      "a template with other labels",
      { template: { metadata: { labels: { app: "b" } }, spec: template.spec } },
      [
        'spec.template.metadata.labels: Invalid value: map[string]string{"app":"b"}: `selector` does not match template `labels`',
      ],
    ],
    [
      "pods that end",
      { template: { ...labelled, spec: { ...template.spec, restartPolicy: "Never" } } },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      "a negative ordinal",
      { ordinals: { start: -1 } },
      ["spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0"],
    ],
  ])("validation: %s", (_case, spec, expected) => {
    expect(faults(statefulSetKind, stateful(spec))).toEqual(expected);
  });

  test.each<[string, object, boolean]>([
    ["replicas", { replicas: 5 }, true],
    ["ordinals", { ordinals: { start: 3 } }, true],
    ["the update strategy", { updateStrategy: { type: "OnDelete" } }, true],
    ["minReadySeconds", { minReadySeconds: 3 }, true],
    ["the service's name", { serviceName: "b" }, false],
    ["the pod management policy", { podManagementPolicy: "Parallel" }, false],
    ["claim templates", { volumeClaimTemplates: [{ metadata: { name: "d" } }] }, false],
  ])("an update may change %s: %s", (_case, spec, isAllowed) => {
    const errors = statefulSetKind.validateUpdate(stateful(spec), stateful());
    expect(errors.map(describeFieldError)).toEqual(
      isAllowed
        ? []
        : [
            "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
          ],
    );
  });

  test("has a scale", () => {
    const { scale } = statefulSetKind;
    const set = stateful({ replicas: 4 });
    expect(scale?.replicas(set)).toBe(4);
    expect(scale?.selector(set)).toBe("app=a");
    expect(scale?.withReplicas(set, 7).spec.replicas).toBe(7);
    expect(set.spec.replicas).toBe(4);
  });
});

describe("DaemonSet", () => {
  const rolling = (rollingUpdate: object) => ({
    updateStrategy: { type: "RollingUpdate", rollingUpdate },
  });

  test("has the documented defaults", () => {
    expect(daemon().spec).toMatchObject({
      minReadySeconds: 0,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
    });
  });

  test.each<[string, object, string[]]>([
    ["nothing wrong", {}, []],
    [
      "both surge and unavailability",
      rolling({ maxUnavailable: 1, maxSurge: 1 }),
      [
        "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
      ],
    ],
    [
      "neither",
      rolling({ maxUnavailable: 0, maxSurge: "0%" }),
      [
        "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
      ],
    ],
    [
      "a strategy that there is not",
      { updateStrategy: { type: "Recreate" } },
      [
        'spec.updateStrategy: Unsupported value: "Recreate": supported values: "RollingUpdate", "OnDelete"',
      ],
    ],
    [
      "pods with a deadline",
      { template: { ...labelled, spec: { ...template.spec, activeDeadlineSeconds: 5 } } },
      [
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported",
      ],
    ],
  ])("validation: %s", (_case, spec, expected) => {
    expect(faults(daemonSetKind, daemon(spec))).toEqual(expected);
  });

  test("prints what runs where", () => {
    const set = daemon({
      template: { ...labelled, spec: { ...template.spec, nodeSelector: { disk: "ssd" } } },
    });
    expect(daemonSetKind.printerColumns.map(({ value }) => value(set, 90_000_000))).toEqual([
      "0",
      "0",
      "0",
      "0",
      "0",
      "disk=ssd",
      "90s",
    ]);
  });
});

describe("ControllerRevision", () => {
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "w" };
  const revision = controllerRevisionKind.defaults({
    metadata: { ...metadata, ownerReferences: [{ ...owner, controller: true }] },
    data: { spec: {} },
    revision: 3,
  });

  test("needs data, which never change", () => {
    const empty = controllerRevisionKind.defaults({ metadata, revision: -1 });
    expect(faults(controllerRevisionKind, empty)).toEqual([
      "data: Required value: data is mandatory",
      "revision: Invalid value: -1: must be greater than or equal to 0",
    ]);
    const other = { ...revision, data: { spec: { template: {} } } };
    expect(controllerRevisionKind.validateUpdate(other, revision)).toHaveLength(1);
    expect(controllerRevisionKind.validateUpdate({ ...revision, revision: 4 }, revision)).toEqual(
      [],
    );
  });

  test("prints whose it is", () => {
    const texts = controllerRevisionKind.printerColumns.map(({ value }) => value(revision, 0));
    expect(texts.slice(0, 2)).toEqual(["statefulset.apps/web", "3"]);
  });
});
