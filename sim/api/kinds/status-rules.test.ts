import { describe, expect, test } from "vitest";
import { KeyRecord } from "../key-record.ts";
import { createMetadata } from "../metadata.ts";
import type { ApiObject } from "../objects.ts";
import { kindNamed } from "../scheme.ts";

function make(kindName: string, fields: object): ApiObject {
  const kind = kindNamed(kindName);
  const record = new KeyRecord(1, kindName, kind.namespaced ? "default" : "", "a");
  const { metadata = {}, ...rest } = fields as { metadata?: object };
  return kind.defaults({
    ...rest,
    metadata: { ...createMetadata({ name: "a" }, record, 1, 0), ...metadata },
  });
}

/** The faults of changing the status of `old` to `status`, as the API prints them. */
function faults(kindName: string, old: object, status: object): string[] {
  const before = make(kindName, old);
  const next = { ...before, status } as ApiObject;
  const errors = kindNamed(kindName).validateStatusUpdate?.(next, before) ?? [];
  return errors.map(({ path, message }) => `${path}: ${message}`);
}

const NEGATIVE = "must be greater than or equal to 0";
const BEYOND = "cannot be greater than status.replicas";
const NOT_AGAIN = "Forbidden: may not be transitioned to non-terminated state";
const condition = {
  type: "DisruptionAllowed",
  status: "True",
  reason: "SufficientPods",
  message: "",
  lastTransitionTime: "2024-01-01T00:00:00Z",
};
const onlyOnce = { containers: [{ name: "main", image: "a" }], restartPolicy: "Never" };
const onFailure = { ...onlyOnce, restartPolicy: "OnFailure" };
const always = { ...onlyOnce, restartPolicy: "Always" };
const withSidecar = {
  ...onlyOnce,
  initContainers: [
    { name: "side", image: "a", restartPolicy: "Always" },
    { name: "init", image: "a" },
  ],
};
const running = { running: { startedAt: "2024-01-01T00:00:00Z" } };

function ended(name: string, exitCode: number): object {
  return {
    name,
    image: "a",
    imageID: "",
    ready: false,
    restartCount: 0,
    state: { terminated: { exitCode } },
  };
}

function runs(name: string): object {
  return { name, image: "a", imageID: "", ready: true, restartCount: 1, state: running };
}

type Case = readonly [what: string, kind: string, old: object, status: object, faults: string[]];

const cases: readonly Case[] = [
  [
    "a Deployment's negative counts",
    "Deployment",
    {},
    { replicas: -1, observedGeneration: -2, unavailableReplicas: -3 },
    [
      `status.observedGeneration: Invalid value: -2: ${NEGATIVE}`,
      `status.replicas: Invalid value: -1: ${NEGATIVE}`,
      `status.unavailableReplicas: Invalid value: -3: ${NEGATIVE}`,
    ],
  ],
  [
    "more of a Deployment's pods than it has",
    "Deployment",
    {},
    { replicas: 2, updatedReplicas: 3, readyReplicas: 1, availableReplicas: 2 },
    [
      `status.updatedReplicas: Invalid value: 3: ${BEYOND}`,
      "status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas",
    ],
  ],
  [
    "a Deployment that forgets a collision",
    "Deployment",
    { status: { collisionCount: 2 } },
    { collisionCount: 1 },
    ["status.collisionCount: Invalid value: 1: cannot be decremented"],
  ],
  [
    "a Deployment that leaves its collisions out",
    "Deployment",
    { status: { collisionCount: 2 } },
    {},
    ["status.collisionCount: Invalid value: 0: cannot be decremented"],
  ],
  [
    "more of a ReplicaSet's pods than it has",
    "ReplicaSet",
    {},
    { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: 0, availableReplicas: 1 },
    [
      `status.fullyLabeledReplicas: Invalid value: 2: ${BEYOND}`,
      "status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas",
    ],
  ],
  [
    "more of a StatefulSet's pods than it has",
    "StatefulSet",
    {},
    { replicas: 1, currentReplicas: 2, readyReplicas: 0, availableReplicas: 1 },
    [
      `status.currentReplicas: Invalid value: 2: ${BEYOND}`,
      "status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas",
    ],
  ],
  [
    "a DaemonSet's counts may be any that are not negative",
    "DaemonSet",
    {},
    { desiredNumberScheduled: 1, numberReady: 2, numberMisscheduled: -1 },
    [`status.numberMisscheduled: Invalid value: -1: ${NEGATIVE}`],
  ],
  [
    "a Job that counts a pod twice",
    "Job",
    {},
    { active: -1, uncountedTerminatedPods: { succeeded: ["x", ""], failed: ["y", "x"] } },
    [
      `status.active: Invalid value: -1: ${NEGATIVE}`,
      'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
      'status.uncountedTerminatedPods.failed[1]: Duplicate value: "x"',
    ],
  ],
  [
    "an autoscaler's counts",
    "HorizontalPodAutoscaler",
    { spec: { scaleTargetRef: { kind: "Deployment", name: "a" }, maxReplicas: 1 } },
    { currentReplicas: -1, desiredReplicas: -1 },
    [
      `status.currentReplicas: Invalid value: -1: ${NEGATIVE}`,
      `status.desiredReplicas: Invalid value: -1: ${NEGATIVE}`,
    ],
  ],
  [
    "a budget's counts and conditions",
    "PodDisruptionBudget",
    {},
    {
      disruptionsAllowed: -1,
      conditions: [condition, { ...condition, status: "Maybe", reason: "not one word" }],
    },
    [
      'status.conditions[1].type: Duplicate value: "DisruptionAllowed"',
      'status.conditions[1].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
      "status.conditions[1].reason: Invalid value: \"not one word\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
      `status.disruptionsAllowed: Invalid value: -1: ${NEGATIVE}`,
    ],
  ],
  [
    "a budget's condition without a time and a reason",
    "PodDisruptionBudget",
    {},
    { conditions: [{ type: "A", status: "True" }] },
    [
      "status.conditions[0].lastTransitionTime: Required value: must be set",
      "status.conditions[0].reason: Required value: must be set",
    ],
  ],
  [
    "a namespace that is terminating and not being deleted",
    "Namespace",
    {},
    { phase: "Terminating" },
    [
      "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty",
    ],
  ],
  [
    "a namespace that is being deleted and active",
    "Namespace",
    { metadata: { deletionTimestamp: "2024-01-01T00:00:00Z" } },
    { phase: "Active" },
    [
      "status.Phase: Invalid value: \"Active\": may only be 'Terminating' if `deletionTimestamp` is not empty",
    ],
  ],
  [
    "a node's amounts and addresses",
    "Node",
    {},
    {
      capacity: { cpu: "-1" },
      addresses: [
        { type: "InternalIP", address: "10.0.0.1" },
        { type: "InternalIP", address: "10.0.0.1" },
      ],
    },
    [
      'status.addresses[1]: Duplicate value: map[string]string{"address":"10.0.0.1", "type":"InternalIP"}',
      `status.capacity[cpu]: Invalid value: "-1": ${NEGATIVE}`,
    ],
  ],
  [
    "a claim's capacity",
    "PersistentVolumeClaim",
    { spec: { accessModes: ["ReadWriteOnce"] } },
    { phase: "Bound", capacity: { storage: "-1Gi" } },
    ['status.capacity[storage]: Invalid value: "-1Gi": must be a valid resource quantity'],
  ],
  [
    "a quota of what does not exist",
    "ResourceQuota",
    {},
    { used: { pods: "1500m", potatoes: "1" } },
    [
      'status.used[pods]: Invalid value: "1500m": must be an integer',
      'status.used[potatoes]: Invalid value: "potatoes": must be a standard resource type or fully qualified',
      'status.used[potatoes]: Invalid value: "potatoes": must be a standard resource for quota',
    ],
  ],
  [
    "a pod's class of service",
    "Pod",
    { spec: always },
    { phase: "Pending", qosClass: "Guaranteed" },
    ['status.qosClass: Invalid value: "Guaranteed": field is immutable'],
  ],
  [
    "a pod's condition and nomination that are no names",
    "Pod",
    { spec: always },
    { qosClass: "BestEffort", conditions: [{ type: "a b" }], nominatedNodeName: "N" },
    [
      "metadata.conditions[0].Type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      "status.nominatedNodeName: Invalid value: \"N\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    "a pod's addresses",
    "Pod",
    { spec: always },
    { qosClass: "BestEffort", podIPs: [{ ip: "10.0.0.256" }] },
    [
      'status.podIPs[0]: Invalid value: "10.0.0.256": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    "two addresses of one family",
    "Pod",
    { spec: always },
    { qosClass: "BestEffort", podIPs: [{ ip: "10.0.0.1" }, { ip: "10.0.0.2" }] },
    [
      'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    "a container that had ended and must not run again",
    "Pod",
    { spec: onlyOnce, status: { containerStatuses: [ended("main", 1)] } },
    { qosClass: "BestEffort", containerStatuses: [runs("main")] },
    [`status.containerStatuses[0].state: ${NOT_AGAIN}`],
  ],
  [
    "one that failed may, with restartPolicy OnFailure",
    "Pod",
    { spec: onFailure, status: { containerStatuses: [ended("main", 1)] } },
    { qosClass: "BestEffort", containerStatuses: [runs("main")] },
    [],
  ],
  [
    "one that succeeded may not",
    "Pod",
    { spec: onFailure, status: { containerStatuses: [ended("main", 0)] } },
    { qosClass: "BestEffort", containerStatuses: [runs("main")] },
    [`status.containerStatuses[0].state: ${NOT_AGAIN}`],
  ],
  [
    "any may, with restartPolicy Always",
    "Pod",
    { spec: always, status: { containerStatuses: [ended("main", 0)] } },
    { qosClass: "BestEffort", containerStatuses: [runs("main")] },
    [],
  ],
  [
    "a sidecar may whatever the policy, another init container may not",
    "Pod",
    {
      spec: withSidecar,
      status: { initContainerStatuses: [ended("side", 1), ended("init", 0)] },
    },
    { qosClass: "BestEffort", initContainerStatuses: [runs("side"), runs("init")] },
    [`status.initContainerStatuses[1].state: ${NOT_AGAIN}`],
  ],
];

describe("the rules of a status update", () => {
  test.each(cases)("%s", (_, kind, old, status, wanted) => {
    expect(faults(kind, old, status)).toEqual(wanted);
  });
});
