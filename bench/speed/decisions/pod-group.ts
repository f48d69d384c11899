/** Pods that are made alike: a Deployment's, a Job's, or those of one size. */
import { type ApiObject, KeyRecord, type ObjectMeta, type Pod } from "../../../sim/api/index.ts";

export interface PodGroup {
  readonly name: string;
  /** Default: `default`. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Pod["spec"];
  readonly ownerReferences?: NonNullable<ObjectMeta["ownerReferences"]>;
  /** What stands in the cluster beside its pods: its Service, its ReplicaSet. */
  readonly objects?: readonly ApiObject[];
  /** Pods of one template share its spec; others have a spec each. */
  readonly sharesSpec: boolean;
}

export const CREATED = "2024-06-01T00:00:00Z";
let lastId = 0;

/** A new pod of the group, with a record of its own. */
export function makeMember(group: PodGroup): { record: KeyRecord<Pod>; pod: Pod } {
  const id = ++lastId;
  const name = `${group.name}-${id.toString(36)}`;
  const namespace = group.namespace ?? "default";
  const record = new KeyRecord<Pod>(id, "Pod", namespace, name);
  const owners = group.ownerReferences;
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      resourceVersion: String(id),
      creationTimestamp: CREATED,
      labels: group.labels,
      ...(owners === undefined ? {} : { ownerReferences: owners }),
    },
    spec: group.sharesSpec ? group.spec : structuredClone(group.spec),
    status: { phase: "Pending", startTime: CREATED },
  };
  record.stored = pod;
  return { record, pod };
}

/** One container that asks for this much. */
export function specOf(cpuMilli: number, memoryMib: number): Pod["spec"] {
  const requests = { cpu: `${cpuMilli}m`, memory: `${memoryMib}Mi` };
  return {
    schedulerName: "default-scheduler",
    containers: [{ name: "main", image: "registry.k8s.io/pause:3.9", resources: { requests } }],
  };
}

/**
 * The spec of size number `index`: all different up to some 5,000, 100 to 2,600 milli-CPU and 256 to
 * 8,192 MiB, not in step with each other.
 */
export function sizedSpec(index: number): Pod["spec"] {
  return specOf(100 + ((index * 997) % 501) * 5, 256 + ((index * 389) % 497) * 16);
}

/** Plain pods: cpu and memory, a size per group, nothing else. */
export function plainGroups(count: number): PodGroup[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `plain-${index}`,
    labels: {},
    spec: sizedSpec(count === 1 ? 150 : index),
    sharesSpec: false,
  }));
}
