/** Objects of storage for tests: a case shows only what matters to it. */
import type {
  CSINode,
  CSIStorageCapacity,
  core,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from "../sim/api/index.ts";

const CREATED = "2024-06-01T00:00:00Z";

function metadata(name: string, namespace = ""): PersistentVolume["metadata"] {
  const uid = `uid-${namespace === "" ? name : `${namespace}-${name}`}`;
  return { name, namespace, uid, resourceVersion: "1", creationTimestamp: CREATED };
}

export interface VolumeOptions {
  readonly size?: string;
  readonly modes?: string[];
  readonly className?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly phase?: string;
  /** Zones in which nodes can reach it; all when missing. */
  readonly zones?: string[];
  /** Nodes that can reach it, by hostname. */
  readonly hosts?: string[];
  readonly spec?: core.PersistentVolumeSpec;
}

/** An available CSI volume of 1Gi, ReadWriteOnce, class "manual". */
export function makeVolume(name: string, options: VolumeOptions = {}): PersistentVolume {
  const { size = "1Gi", modes = ["ReadWriteOnce"], className = "manual", zones, hosts } = options;
  const { labels, annotations, phase = "Available", spec } = options;
  const expressions = [
    ...(zones === undefined ? [] : [within("topology.kubernetes.io/zone", zones)]),
    ...(hosts === undefined ? [] : [within("kubernetes.io/hostname", hosts)]),
  ];
  const nodeSelectorTerms = [{ matchExpressions: expressions }];
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      ...metadata(name),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      capacity: { storage: size },
      accessModes: modes,
      storageClassName: className,
      csi: { driver: "csi.example.com", volumeHandle: `h-${name}` },
      ...(expressions.length === 0 ? {} : { nodeAffinity: { required: { nodeSelectorTerms } } }),
      ...spec,
    },
    status: { phase },
  };
}

export interface ClaimOptions {
  readonly size?: string;
  readonly modes?: string[];
  readonly className?: string;
  /** The volume that it is bound to, completely. */
  readonly boundTo?: string;
  readonly annotations?: Record<string, string>;
  readonly owner?: string;
  readonly phase?: string;
  readonly deletionTimestamp?: string;
  readonly spec?: core.PersistentVolumeClaimSpec;
}

/** A claim of 1Gi, ReadWriteOnce, class "manual", in the namespace default. */
export function makeClaim(name: string, options: ClaimOptions = {}): PersistentVolumeClaim {
  const { size = "1Gi", modes = ["ReadWriteOnce"], className = "manual", boundTo } = options;
  const { owner, phase = boundTo === undefined ? "Pending" : "Bound", deletionTimestamp } = options;
  const annotations = {
    ...options.annotations,
    ...(boundTo === undefined ? {} : { "pv.kubernetes.io/bind-completed": "yes" }),
  };
  const ownerReferences = [
    { apiVersion: "v1", kind: "Pod", name: "p", uid: owner ?? "", controller: true },
  ];
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...metadata(name, "default"),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(owner === undefined ? {} : { ownerReferences }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: {
      accessModes: modes,
      storageClassName: className,
      resources: { requests: { storage: size } },
      ...(boundTo === undefined ? {} : { volumeName: boundTo }),
      ...options.spec,
    },
    status: { phase },
  };
}

/** A class of the driver csi.example.com that waits for the first consumer. */
export function makeClass(name: string, fields: Partial<StorageClass> = {}): StorageClass {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: metadata(name),
    provisioner: "csi.example.com",
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
    ...fields,
  };
}

/** A CSINode whose driver csi.example.com may have `count` volumes; no limit when missing. */
export function makeCsiNode(
  name: string,
  count?: number,
  annotations: Record<string, string> = {},
): CSINode {
  const driver = { name: "csi.example.com", nodeID: name };
  const drivers = [count === undefined ? driver : { ...driver, allocatable: { count } }];
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    metadata: { ...metadata(name), annotations },
    spec: { drivers },
  };
}

/** Storage of a class that nodes of a zone can reach. */
export function makeCapacity(
  name: string,
  storageClassName: string,
  zone: string,
  fields: Partial<CSIStorageCapacity>,
): CSIStorageCapacity {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIStorageCapacity",
    metadata: metadata(name, "default"),
    storageClassName,
    nodeTopology: { matchLabels: { "topology.kubernetes.io/zone": zone } },
    ...fields,
  };
}

/** A pod's volume that uses a claim; its name is the claim's. */
export function claimVolume(claimName: string): core.Volume {
  return { name: claimName, persistentVolumeClaim: { claimName } };
}

function within(key: string, values: string[]): core.NodeSelectorRequirement {
  return { key, operator: "In", values };
}
