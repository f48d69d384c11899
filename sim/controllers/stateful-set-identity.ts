/**
 * The identity of a StatefulSet's pods: name, ordinal, network name and claims. Pure functions.
 * Source: pkg/controller/statefulset/stateful_set_utils.go of v1.30.
 */
import type { Manifest, Pod, PodSpec, PodTemplateSpec, StatefulSet } from "../api/index.ts";
import { podFromTemplate } from "./pod-template.ts";
import { REVISION_HASH } from "./revision-history.ts";

const DASH = "-".charCodeAt(0);
const ZERO = "0".charCodeAt(0);
const NINE = "9".charCodeAt(0);

const POD_NAME = "statefulset.kubernetes.io/pod-name";
const POD_INDEX = "apps.kubernetes.io/pod-index";

/** The ordinal in a pod's name; -1: it has none. */
export function ordinalOf({ metadata }: Pod): number {
  return ordinalInName(metadata.name);
}

/** Reads it from the end, without a copy: each sync asks for that of every pod, several times. */
function ordinalInName(name: string): number {
  let ordinal = 0;
  let place = 1;
  for (let i = name.length - 1; i >= 0; i--) {
    const code = name.charCodeAt(i);
    if (code === DASH) return place === 1 ? -1 : ordinal;
    if (code < ZERO || code > NINE) return -1;
    ordinal += (code - ZERO) * place;
    place *= 10;
  }
  return -1;
}

/** Whether the pod's name is that of one of the set's pods (isMemberOf). */
export function isMemberOf(set: StatefulSet, { metadata: { name } }: Pod): boolean {
  const { name: own } = set.metadata;
  if (!name.startsWith(own) || name.lastIndexOf("-") !== own.length) return false;
  return ordinalInName(name) >= 0;
}

export function startOrdinal({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

/** Whether the set should have the pod (podInOrdinalRange). */
export function isInRange(set: StatefulSet, pod: Pod): boolean {
  const index = ordinalOf(pod) - startOrdinal(set);
  return index >= 0 && index < (set.spec.replicas ?? 1);
}

export function podName({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata.name}-${ordinal}`;
}

/** Names of the pod's claims, by the names of their templates. */
export function claimNames(set: StatefulSet, ordinal: number): Map<string, string> {
  const names = new Map<string, string>();
  for (const { metadata } of set.spec.volumeClaimTemplates ?? []) {
    const template = metadata?.name ?? "";
    names.set(template, `${template}-${podName(set, ordinal)}`);
  }
  return names;
}

/** The revision of which a pod is; "": none. */
export function podRevision({ metadata }: Pod): string {
  return metadata.labels?.[REVISION_HASH] ?? "";
}

/** The pod of an ordinal, of the template of a revision (newVersionedStatefulSetPod). */
export function statefulPod(
  set: StatefulSet,
  ordinal: number,
  revision: string,
  template: PodTemplateSpec,
): Manifest {
  const manifest = podFromTemplate(template, set);
  const name = podName(set, ordinal);
  const labels = { ...identityLabels(name, ordinal), [REVISION_HASH]: revision };
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      name,
      labels: { ...manifest.metadata?.labels, ...labels },
    },
    spec: statefulSpec(set, ordinal, template.spec ?? { containers: [] }),
  };
}

/** What is wrong with the identity or storage of a pod, mended (UpdateStatefulPod); or undefined. */
export function mendedPod(set: StatefulSet, pod: Pod): Pod | undefined {
  const ordinal = ordinalOf(pod);
  const { name, labels = {} } = pod.metadata;
  const isNamed = labels[POD_NAME] === name;
  const isStored = hasStorage(set, pod);
  if (isNamed && isStored) return undefined;
  const metadata = { ...pod.metadata, labels: { ...labels, ...identityLabels(name, ordinal) } };
  const spec = isStored ? pod.spec : withClaims(set, ordinal, pod.spec);
  return { ...pod, metadata, spec };
}

/** storageMatches: the pod's volumes are its claims. */
function hasStorage(set: StatefulSet, pod: Pod): boolean {
  if (set.spec.volumeClaimTemplates === undefined) return true;
  for (const [template, claimName] of claimNames(set, ordinalOf(pod))) {
    const volume = pod.spec.volumes?.find(({ name }) => name === template);
    if (volume?.persistentVolumeClaim?.claimName !== claimName) return false;
  }
  return true;
}

function identityLabels(name: string, ordinal: number): Record<string, string> {
  return { [POD_NAME]: name, [POD_INDEX]: String(ordinal) };
}

function statefulSpec(set: StatefulSet, ordinal: number, spec: PodSpec): PodSpec {
  const named: PodSpec = { ...spec, hostname: podName(set, ordinal) };
  if (set.spec.serviceName !== "") named.subdomain = set.spec.serviceName;
  return set.spec.volumeClaimTemplates === undefined ? named : withClaims(set, ordinal, named);
}

/** The claims take the place of the template's volumes of the same names (updateStorage). */
function withClaims(set: StatefulSet, ordinal: number, spec: PodSpec): PodSpec {
  const names = claimNames(set, ordinal);
  const own = [...names].map(([name, claimName]) => ({
    name,
    persistentVolumeClaim: { claimName, readOnly: false },
  }));
  const others = (spec.volumes ?? []).filter(({ name }) => !names.has(name));
  return { ...spec, volumes: [...own, ...others] };
}
