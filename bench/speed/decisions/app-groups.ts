/** Deployments as groups of pods: apps of some replicas each, of twenty sizes. */
import type { ApiObject, core, LabelSelector, Pod } from "../../../sim/api/index.ts";
import { CREATED, type PodGroup, sizedSpec } from "./pod-group.ts";

const SIZES = 20;
/** Our assumption: teams have a namespace each, with so many apps in it. */
const APPS_PER_NAMESPACE = 20;
/** Pods on a node, roughly, so that it is half full. */
const PODS_PER_NODE = 15;

/** What an app's pods ask for beside their size, given what selects them. */
export type AppRules = (selector: LabelSelector) => Partial<Pod["spec"]>;

/** As many apps as fill a cluster of that size. */
export function appGroups(nodeCount: number, replicas: number, rules: AppRules): PodGroup[] {
  const count = Math.ceil((nodeCount * PODS_PER_NODE) / replicas);
  return Array.from({ length: count }, (_, index) => appGroup(index, rules));
}

function appGroup(index: number, rules: AppRules): PodGroup {
  const name = `app-${index}`;
  const selector: LabelSelector = { matchLabels: { app: name } };
  return {
    name,
    namespace: `team-${Math.floor(index / APPS_PER_NAMESPACE)}`,
    labels: { app: name },
    spec: { ...sizedSpec(index % SIZES), ...rules(selector) },
    sharesSpec: true,
  };
}

/** Apps behind a Service each, their pods owned by a ReplicaSet. */
export function deploymentGroups(nodeCount: number, replicas: number): PodGroup[] {
  return appGroups(nodeCount, replicas, () => ({})).map((group) => {
    const { name, labels, namespace = "default" } = group;
    const podLabels = { ...labels, "pod-template-hash": "5d4f8c7b9" };
    const owner = `${name}-5d4f8c7b9`;
    const metadata = (of: string) => ({
      name: of,
      namespace,
      uid: `uid-${of}`,
      resourceVersion: "1",
      creationTimestamp: CREATED,
    });
    const service: ApiObject & { spec: core.ServiceSpec } = {
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata(name),
      spec: { selector: { ...labels } },
    };
    const replicaSet: ApiObject & { spec: unknown } = {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: metadata(owner),
      spec: { replicas, selector: { matchLabels: podLabels } },
    };
    const [apiVersion, kind] = ["apps/v1", "ReplicaSet"];
    const reference = { apiVersion, kind, name: owner, uid: `uid-${owner}`, controller: true };
    return {
      ...group,
      labels: podLabels,
      ownerReferences: [reference],
      objects: [service, replicaSet],
    };
  });
}

/** Hard spreading over zones, soft over hosts, and preferred anti-affinity on hosts. */
export const spreadingRules: AppRules = (labelSelector) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector,
    },
    {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector,
    },
  ],
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector },
        },
      ],
    },
  },
});

/** No two pods of the app on one host. */
export const exclusiveRules: AppRules = (labelSelector) => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector },
      ],
    },
  },
});
