import { describe, expect, test } from "vitest";
import { KeyRecord } from "../key-record.ts";
import { createMetadata } from "../metadata.ts";
import type { ApiObject, Service } from "../objects.ts";
import { kindNamed } from "../scheme.ts";

function make(kindName: string, fields: object): ApiObject {
  const kind = kindNamed(kindName);
  const record = new KeyRecord(1, kindName, kind.namespaced ? "default" : "", "a");
  return kind.defaults({ ...fields, metadata: createMetadata({ name: "a" }, record, 1, 0) });
}

/** The faults of changing `old` to `next`, as the API prints them. */
function update(kindName: string, old: object, next: object): string[] {
  return kindNamed(kindName)
    .validateUpdate(make(kindName, next), make(kindName, old))
    .map(({ path, message }) => `${path}: ${message}`);
}

const claim = {
  accessModes: ["ReadWriteOnce"],
  storageClassName: "fast",
  resources: { requests: { storage: "10Gi" } },
};
const SPEC_OF_CLAIM =
  "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
const GATED_CLASS =
  "spec.volumeAttributesClassName: Forbidden: update is forbidden when the VolumeAttributesClass feature gate is disabled";
const volume = { capacity: { storage: "1Gi" }, hostPath: { path: "/a" } };
const storageClass = { provisioner: "x.io/a", parameters: { type: "ssd" } };
const service = { ports: [{ port: 80 }], clusterIP: "10.0.0.1" };
const term = { matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] };
const onZone = {
  nodeAffinity: { required: { nodeSelectorTerms: [term] } },
};

type Case = readonly [what: string, kind: string, old: object, next: object, faults: string[]];

const cases: readonly Case[] = [
  [
    "a claim's access modes",
    "PersistentVolumeClaim",
    { spec: claim },
    { spec: { ...claim, accessModes: ["ReadWriteMany"] } },
    [SPEC_OF_CLAIM],
  ],
  [
    "the size of a claim that is not bound",
    "PersistentVolumeClaim",
    { spec: claim, status: { phase: "Pending" } },
    { spec: { ...claim, resources: { requests: { storage: "20Gi" } } } },
    [SPEC_OF_CLAIM],
  ],
  [
    "a bound claim may grow",
    "PersistentVolumeClaim",
    { spec: claim, status: { phase: "Bound" } },
    {
      spec: { ...claim, resources: { requests: { storage: "20Gi" } } },
      status: { phase: "Bound" },
    },
    [],
  ],
  [
    "a bound claim may not shrink",
    "PersistentVolumeClaim",
    { spec: claim, status: { phase: "Bound" } },
    { spec: { ...claim, resources: { requests: { storage: "5Gi" } } } },
    ["spec.resources.requests.storage: Forbidden: field can not be less than previous value"],
  ],
  [
    "a claim's volume mode",
    "PersistentVolumeClaim",
    { spec: claim },
    { spec: { ...claim, volumeMode: "Block" } },
    [SPEC_OF_CLAIM, 'spec.volumeMode: Invalid value: "Block": field is immutable'],
  ],
  [
    "a bound claim's attributes class",
    "PersistentVolumeClaim",
    { spec: claim, status: { phase: "Bound" } },
    { spec: { ...claim, volumeAttributesClassName: "gold" } },
    [GATED_CLASS],
  ],
  [
    "a volume's source",
    "PersistentVolume",
    { spec: volume },
    { spec: { ...volume, hostPath: { path: "/b" } } },
    [
      "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation",
    ],
  ],
  [
    "a volume's mode and node affinity",
    "PersistentVolume",
    { spec: { ...volume, ...onZone } },
    { spec: { ...volume, volumeMode: "Block", nodeAffinity: { required: {} } } },
    [
      'volumeMode: Invalid value: "Block": field is immutable',
      'nodeAffinity: Invalid value: {"required":{}}: field is immutable',
    ],
  ],
  [
    "a volume's node affinity may be set once, its reclaim policy and claim at any time",
    "PersistentVolume",
    { spec: volume },
    {
      spec: {
        ...volume,
        ...onZone,
        persistentVolumeReclaimPolicy: "Delete",
        claimRef: { name: "c", namespace: "default" },
      },
    },
    [],
  ],
  [
    "a volume's attributes class",
    "PersistentVolume",
    { spec: volume },
    { spec: { ...volume, volumeAttributesClassName: "gold" } },
    [GATED_CLASS],
  ],
  [
    "a storage class",
    "StorageClass",
    storageClass,
    {
      provisioner: "x.io/b",
      parameters: {},
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
    },
    [
      "parameters: Forbidden: updates to parameters are forbidden.",
      "provisioner: Forbidden: updates to provisioner are forbidden.",
      "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.",
      'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ],
  ],
  [
    "whether a storage class lets claims grow",
    "StorageClass",
    storageClass,
    { ...storageClass, allowVolumeExpansion: true },
    [],
  ],
  [
    "a Service's cluster IP",
    "Service",
    { spec: service },
    { spec: { ...service, clusterIP: "None" } },
    ['spec.clusterIPs[0]: Invalid value: []string{"None"}: may not change once set'],
  ],
  [
    "a Service's first address family",
    "Service",
    { spec: { ...service, ipFamilies: ["IPv4"] } },
    { spec: { ...service, ipFamilies: ["IPv6"] } },
    ['spec.ipFamilies[0]: Invalid value: "IPv6": may not change once set'],
  ],
  [
    "a Service that becomes an external name",
    "Service",
    { spec: service },
    { spec: { type: "ExternalName", externalName: "a.example" } },
    [],
  ],
  [
    "a load balancer's class",
    "Service",
    { spec: { ...service, type: "LoadBalancer", loadBalancerClass: "x.io/a" } },
    { spec: { ...service, type: "LoadBalancer" } },
    ['spec.loadBalancerClass: Invalid value: "null": may not change once set'],
  ],
  [
    "a node's provider and addresses, once set",
    "Node",
    { spec: { providerID: "x://1", podCIDRs: ["10.0.0.0/24"] } },
    { spec: { providerID: "x://2", podCIDRs: ["10.0.1.0/24"] } },
    [
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ],
  ],
  [
    "a node's provider, first set",
    "Node",
    { spec: {} },
    { spec: { providerID: "x://1", podCIDRs: ["10.0.0.0/24"], unschedulable: true } },
    [],
  ],
  [
    "a priority class",
    "PriorityClass",
    { value: 1 },
    { value: 2, preemptionPolicy: "Never", description: "of use", globalDefault: true },
    [
      "value: Forbidden: may not be changed in an update.",
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ],
  ],
  [
    "an EndpointSlice's address type",
    "EndpointSlice",
    { addressType: "IPv4", endpoints: [] },
    { addressType: "IPv6", endpoints: [] },
    ['addressType: Invalid value: "IPv6": field is immutable'],
  ],
  [
    "a quota's scopes",
    "ResourceQuota",
    { spec: { hard: { pods: "1" } } },
    { spec: { hard: { pods: "2" }, scopes: ["BestEffort"] } },
    ['spec.scopes: Invalid value: []string{"BestEffort"}: field is immutable'],
  ],
  [
    "a budget's selector and share",
    "PodDisruptionBudget",
    { spec: { minAvailable: 1, selector: { matchLabels: { app: "a" } } } },
    { spec: { maxUnavailable: 1, selector: { matchLabels: { app: "b" } } } },
    [],
  ],
];

describe("an update", () => {
  test.each(cases)("of %s", (_, kind, old, next, faults) => {
    expect(update(kind, old, next)).toEqual(faults);
  });

  test("of a Service keeps the cluster IP that it leaves out", () => {
    const kind = kindNamed("Service");
    const old = make("Service", { spec: { ...service, clusterIP: "None" } });
    const next = make("Service", { spec: { ports: [{ port: 81 }] } });
    const prepared = (kind.prepareForUpdate?.(next, old) ?? next) as Service;
    expect(prepared.spec.clusterIP).toBe("None");
    expect(kind.validateUpdate(prepared, old)).toEqual([]);
  });
});

describe("an update of a Service's type", () => {
  const external = {
    ...service,
    type: "LoadBalancer",
    ports: [{ port: 80, nodePort: 30_000 }],
    loadBalancerClass: "x.io/a",
  };

  test("drops what only the old type had", () => {
    const kind = kindNamed("Service");
    const old = make("Service", { spec: external }) as Service;
    const changed: Service = { ...old, spec: { ...old.spec, type: "ClusterIP" } };
    const { spec } = (kind.prepareForUpdate?.(changed, old) ?? changed) as Service;
    for (const field of ["externalTrafficPolicy", "loadBalancerClass"] as const) {
      expect(spec[field]).toBeUndefined();
    }
    expect(spec.ports?.[0]?.nodePort).toBeUndefined();
    expect(spec.clusterIP).toBe("10.0.0.1");
  });
});

describe("an update of a pod", () => {
  const main = { name: "main", image: "app:1", imagePullPolicy: "Always" };
  const pod = (spec: object): object => ({ spec: { containers: [main], ...spec } });
  const toleration = { key: "a", operator: "Exists", effect: "NoExecute" };
  const gates = { schedulingGates: [{ name: "g1" }] };
  const steered = (...terms: object[]): object => ({
    ...gates,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
      },
    },
  });
  const wider = {
    matchExpressions: [...term.matchExpressions, { key: "disk", operator: "Exists" }],
  };
  const FIXED = /^spec: Forbidden: pod updates may not change fields other than/;

  test.each<[string, object, object, (string | RegExp)[]]>([
    ["its image", {}, { containers: [{ ...main, image: "app:2" }] }, []],
    [
      "an image to none",
      {},
      { containers: [{ ...main, image: "" }] },
      ["spec.containers[0].image: Required value"],
    ],
    [
      "its number of containers",
      {},
      { containers: [main, { ...main, name: "b" }] },
      ["spec.containers: Forbidden: pod updates may not add or remove containers"],
    ],
    ["a deadline that is set", {}, { activeDeadlineSeconds: 60 }, []],
    [
      "a deadline that grows",
      { activeDeadlineSeconds: 60 },
      { activeDeadlineSeconds: 61 },
      [
        "spec.activeDeadlineSeconds: Invalid value: 61: must be less than or equal to previous value",
      ],
    ],
    [
      "a deadline that goes",
      { activeDeadlineSeconds: 60 },
      {},
      [
        'spec.activeDeadlineSeconds: Invalid value: "null": must not update from a positive integer to nil value',
      ],
    ],
    [
      "the seconds of a toleration",
      { tolerations: [toleration] },
      { tolerations: [{ ...toleration, tolerationSeconds: 9 }] },
      [],
    ],
    [
      "a toleration",
      { tolerations: [toleration] },
      { tolerations: [{ ...toleration, key: "b" }] },
      [
        "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
      ],
    ],
    ["its gates, fewer", gates, {}, []],
    [
      "its gates, more",
      gates,
      { schedulingGates: [{ name: "g1" }, { name: "g2" }] },
      [
        "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g2'",
      ],
    ],
    ["its node selector", {}, { nodeSelector: { a: "b" } }, [FIXED]],
    ["its node selector while gated", gates, { ...gates, nodeSelector: { a: "b" } }, []],
    [
      "its node selector while gated, to another",
      { ...gates, nodeSelector: { a: "b" } },
      { ...gates, nodeSelector: { a: "c" } },
      [
        'spec.nodeSelector: Invalid value: map[string]string{"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ],
    ],
    ["its node affinity while gated, first set", gates, steered(term), []],
    ["its node affinity while gated, narrower", steered(term), steered(wider), []],
    [
      "its node affinity while gated, wider",
      steered(wider),
      steered(term),
      [/nodeSelectorTerms\[0\]: .*: only additions are allowed \(no mutations or deletions\)$/],
    ],
    [
      "its node affinity while gated, with one more term",
      steered(term),
      steered(term, wider),
      [/: no additions\/deletions to non-empty NodeSelectorTerms list are allowed$/],
    ],
    [
      "its neighbours while gated",
      gates,
      {
        ...gates,
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone" }],
          },
        },
      },
      [FIXED],
    ],
    ["its priority", {}, { priority: 5 }, [FIXED]],
  ])("of %s", (_, old, next, faults) => {
    const found = update("Pod", pod(old), pod(next));
    expect(found).toHaveLength(faults.length);
    for (const [i, fault] of faults.entries()) {
      if (typeof fault === "string") expect(found[i]).toBe(fault);
      else expect(found[i]).toMatch(fault);
    }
  });
});
