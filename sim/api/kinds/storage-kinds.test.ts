import { describe, expect, test } from "vitest";
import { KeyRecord } from "../key-record.ts";
import { createMetadata } from "../metadata.ts";
import type { ApiObject, Manifest } from "../objects.ts";
import { kindNamed } from "../scheme.ts";
import { strictDecode } from "../strict-decoding.ts";

type Fields = Record<string, unknown>;

function make(kindName: string, fields: object, metadata: Manifest["metadata"] = {}): ApiObject {
  const kind = kindNamed(kindName);
  const namespace = kind.namespaced ? "default" : "";
  const record = new KeyRecord(1, kindName, namespace, metadata.name ?? "a");
  return kind.defaults({ ...fields, metadata: createMetadata(metadata, record, 1, 0) });
}

const faults = (object: ApiObject): string[] =>
  kindNamed(object.kind)
    .validate(object)
    .map(({ path, message }) => `${path}: ${message}`);

const updateFaults = (kind: string, fields: object, old: object): string[] =>
  kindNamed(kind)
    .validateUpdate(make(kind, fields), make(kind, old))
    .map(({ path, message }) => `${path}: ${message}`);

const csi = { driver: "csi.example.com", volumeHandle: "h" };
const volume = (fields: Fields = {}): Fields => ({
  spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], csi, ...fields },
});
const claim = (fields: Fields = {}, status: Fields = {}): Fields => ({
  spec: {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
    ...fields,
  },
  status,
});
const MODES = '"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"';

describe("defaults", () => {
  test.each<[string, object, object]>([
    [
      "PersistentVolume",
      volume(),
      {
        spec: { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" },
        status: { phase: "Pending" },
      },
    ],
    [
      "PersistentVolumeClaim",
      claim(),
      { spec: { volumeMode: "Filesystem" }, status: { phase: "Pending" } },
    ],
    [
      "StorageClass",
      { provisioner: "x.io/y" },
      { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" },
    ],
    [
      "CSIDriver",
      {},
      {
        spec: {
          attachRequired: true,
          podInfoOnMount: false,
          storageCapacity: false,
          fsGroupPolicy: "ReadWriteOnceWithFSType",
          volumeLifecycleModes: ["Persistent"],
        },
      },
    ],
    ["CSINode", {}, { spec: { drivers: [] } }],
  ])("of a %s", (kind, fields, wanted) => expect(make(kind, fields)).toMatchObject(wanted));
});

describe("validation", () => {
  const driver = { name: "d", nodeID: "n" };

  test.each<[string, ApiObject, string[]]>([
    [
      "a volume without anything",
      make("PersistentVolume", { spec: {} }),
      [
        "spec.accessModes: Required value",
        "spec.capacity: Required value",
        "spec: Required value: must specify a volume type",
      ],
    ],
    [
      "a volume of no size",
      make("PersistentVolume", volume({ capacity: { storage: "0" } })),
      ['spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      "two sources",
      make("PersistentVolume", volume({ hostPath: { path: "/x" } })),
      ["spec.hostPath: Forbidden: may not specify more than 1 volume type"],
    ],
    [
      "unknown modes and policies",
      make(
        "PersistentVolume",
        volume({
          accessModes: ["Sometimes"],
          persistentVolumeReclaimPolicy: "Burn",
          volumeMode: "Tape",
        }),
      ),
      [
        `spec.accessModes: Unsupported value: "Sometimes": supported values: ${MODES}`,
        'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"',
        'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
      ],
    ],
    [
      "node affinity without terms",
      make("PersistentVolume", volume({ nodeAffinity: { required: { nodeSelectorTerms: [] } } })),
      [
        "spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term",
      ],
    ],
    [
      "node affinity that requires nothing",
      make("PersistentVolume", volume({ nodeAffinity: {} })),
      ["spec.nodeAffinity.required: Required value: must specify required node constraints"],
    ],
    [
      "a claim without anything",
      make("PersistentVolumeClaim", { spec: {} }),
      [
        "spec.accessModes: Required value: at least 1 access mode is required",
        "spec.resources[storage]: Required value",
      ],
    ],
    [
      "ReadWriteOncePod beside another mode",
      make("PersistentVolumeClaim", claim({ accessModes: ["ReadWriteOncePod", "ReadWriteOnce"] })),
      ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
    ],
    [
      "a class without provisioner, with a mode that is none",
      make("StorageClass", { volumeBindingMode: "Later" }),
      [
        "provisioner: Required value",
        'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
      ],
    ],
    [
      "topologies with the same key and value twice",
      make("StorageClass", {
        provisioner: "d",
        allowedTopologies: [
          {
            matchLabelExpressions: [
              { key: "zone", values: ["a", "a"] },
              { key: "zone", values: [] },
            ],
          },
        ],
      }),
      [
        'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
        "allowedTopologies[0].matchLabelExpressions[1].values: Required value",
        'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"',
      ],
    ],
    [
      "a driver twice, with a negative limit",
      make("CSINode", { spec: { drivers: [driver, { ...driver, allocatable: { count: -1 } }] } }),
      [
        "spec.drivers[1].allocatable.count: Invalid value: -1: must be greater than or equal to 0",
        'spec.drivers[1].name: Duplicate value: "d"',
      ],
    ],
    [
      "a driver's name that is too long",
      make("CSIDriver", {}, { name: "d".repeat(64) }),
      ["metadata.name: Too long: must have at most 63 bytes"],
    ],
    [
      "capacity of no class, below zero",
      make("CSIStorageCapacity", { capacity: "-1" }),
      [
        "storageClassName: Required value",
        'capacity: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
  ])("refuses %s", (_, object, wanted) => expect(faults(object)).toEqual(wanted));

  const CONTAINERS = [{ name: "main", image: "x:1" }];
  test.each<[string, Fields, string[]]>([
    [
      "a claim without a name",
      { persistentVolumeClaim: {} },
      [".persistentVolumeClaim.claimName: Required value"],
    ],
    [
      "a claim template that is missing",
      { ephemeral: {} },
      [".ephemeral.volumeClaimTemplate: Required value"],
    ],
    [
      "a claim template without access modes",
      {
        ephemeral: {
          volumeClaimTemplate: { spec: { resources: { requests: { storage: "1Gi" } } } },
        },
      },
      [
        ".ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required",
      ],
    ],
    [
      "two sources",
      { emptyDir: {}, gcePersistentDisk: { pdName: "d" } },
      [".gcePersistentDisk: Forbidden: may not specify more than 1 volume type"],
    ],
    [
      "an EBS volume without id",
      { awsElasticBlockStore: {} },
      [".awsElasticBlockStore.volumeID: Required value"],
    ],
    ["an RBD without monitors", { rbd: { image: "i" } }, [".rbd.monitors: Required value"]],
    ["a csi volume without driver", { csi: {} }, [".csi.driver: Required value"]],
    ["nothing wrong with an emptyDir", {}, []],
  ])("of a pod's volumes refuses %s", (_, source, wanted) => {
    const pod = make("Pod", {
      spec: { containers: CONTAINERS, volumes: [{ name: "v", ...source }] },
    });
    expect(faults(pod)).toEqual(wanted.map((fault) => `spec.volumes[0]${fault}`));
  });

  test("strict decoding knows the fields of a claim template in a pod", () => {
    const spec = { accessModes: [], storageClass: "x" };
    const volumes = [{ name: "v", ephemeral: { volumeClaimTemplate: { spec } } }];
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {},
      spec: { containers: CONTAINERS, volumes },
    };
    expect(
      strictDecode(kindNamed("Pod"), pod).map(({ path, message }) => `${path}: ${message}`)[0],
    ).toContain("spec.volumes[0].ephemeral.volumeClaimTemplate.spec.storageClass");
  });
});

describe("updates", () => {
  const bound = { phase: "Bound" };
  const size = (storage: string): Fields => ({ resources: { requests: { storage } } });

  test.each<[string, string, object, object, string[]]>([
    [
      "a claim may be given a volume",
      "PersistentVolumeClaim",
      claim({ volumeName: "v" }),
      claim(),
      [],
    ],
    [
      "a bound claim may grow",
      "PersistentVolumeClaim",
      claim(size("2Gi"), bound),
      claim({}, bound),
      [],
    ],
    [
      "a claim may not grow before it is bound",
      "PersistentVolumeClaim",
      claim(size("2Gi")),
      claim(),
      [
        "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
      ],
    ],
    [
      "a claim may not shrink",
      "PersistentVolumeClaim",
      claim(size("1Mi"), bound),
      claim({}, bound),
      ["spec.resources.requests.storage: Forbidden: field can not be less than previous value"],
    ],
    [
      "a volume may get a claim",
      "PersistentVolume",
      volume({ claimRef: { namespace: "default", name: "c" } }),
      volume(),
      [],
    ],
    [
      "a volume keeps its source",
      "PersistentVolume",
      volume({ csi: { ...csi, volumeHandle: "other" } }),
      volume(),
      [
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation",
      ],
    ],
    [
      "a class keeps its provisioner and its mode",
      "StorageClass",
      { provisioner: "b", volumeBindingMode: "WaitForFirstConsumer" },
      { provisioner: "a" },
      [
        "provisioner: Forbidden: updates to provisioner are forbidden.",
        'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
      ],
    ],
  ])("%s", (_, kind, fields, old, wanted) =>
    expect(updateFaults(kind, fields, old)).toEqual(wanted),
  );
});

test("kubectl get shows volumes and claims as Kubernetes does", () => {
  const columns = (object: ApiObject): string[] =>
    kindNamed(object.kind).printerColumns.map(({ value }) => value(object, 60_000_000));
  const claimRef = { namespace: "default", name: "c" };
  const modes = ["ReadWriteMany", "ReadWriteOnce"];
  expect(columns(make("PersistentVolume", volume({ accessModes: modes, claimRef })))).toEqual([
    "1Gi",
    "RWO,RWX",
    "Retain",
    "Pending",
    "default/c",
    "",
    "<unset>",
    "",
    "60s",
  ]);
  const status = { phase: "Bound", capacity: { storage: "2Gi" }, accessModes: ["ReadWriteOnce"] };
  const given = claim({ volumeName: "v", storageClassName: "fast" }, status);
  expect(columns(make("PersistentVolumeClaim", given))).toEqual([
    "Bound",
    "v",
    "2Gi",
    "RWO",
    "fast",
    "<unset>",
    "60s",
  ]);
});
