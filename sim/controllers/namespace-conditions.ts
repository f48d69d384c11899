/**
 * What the namespace controller says about a namespace that it empties. Pure functions.
 * Source: pkg/controller/namespace/deletion/status_condition_utils.go of v1.30.
 */
import {
  type ApiObject,
  type Condition,
  type Kind,
  type Namespace,
  type Pod,
  setCondition,
  timestamp,
  timestampUs,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { isPodTerminal } from "./pod-state.ts";

/** namespaced_resources_deleter.go: finalizerEstimateSeconds. */
const FINALIZER_ESTIMATE_SECONDS = 15;

/** What was found when a kind's objects were deleted. */
export interface Remains {
  readonly kind: Kind;
  readonly objects: readonly ApiObject[];
  /** The pods' longest grace period, less what has passed; 0: it is over. */
  readonly graceSeconds: number;
}

/** Seconds until what remains should be gone; an error where something stays for no known reason. */
export function estimate(remains: readonly Remains[]): { seconds: number; errors: string[] } {
  let seconds = 0;
  const errors: string[] = [];
  for (const { kind, objects, graceSeconds } of remains) {
    if (objects.length === 0) continue;
    const hasFinalizers = objects.some(({ metadata }) => (metadata.finalizers?.length ?? 0) > 0);
    if (graceSeconds > 0) seconds = Math.max(seconds, graceSeconds);
    else if (hasFinalizers) seconds = Math.max(seconds, FINALIZER_ESTIMATE_SECONDS);
    else errors.push(unexpected(kind, objects[0]));
  }
  return { seconds, errors };
}

function unexpected({ apiVersion, resource }: Kind, object: ApiObject | undefined): string {
  const [group = "", version] = apiVersion.split("/");
  const [shownGroup, shownVersion] = version === undefined ? ["", group] : [group, version];
  const namespace = object?.metadata.namespace ?? "";
  return `unexpected items still remain in namespace: ${namespace} for gvr: ${shownGroup}/${shownVersion}, Resource=${resource}`;
}

/** The longest grace period of the pods that run, less the time since the deletion; at least 0. */
export function graceSecondsOf(
  pods: readonly Pod[],
  deletionTimestamp: string,
  nowUs: Micros,
): number {
  let longest = 0;
  for (const pod of pods) {
    if (isPodTerminal(pod)) continue;
    longest = Math.max(longest, pod.spec.terminationGracePeriodSeconds ?? 0);
  }
  // As the real one: the whole period until it has passed, and then nothing.
  return nowUs - timestampUs(deletionTimestamp) >= longest * 1_000_000 ? 0 : longest;
}

/** The status with the conditions of one round; the old one itself when nothing changes. */
export function namespaceStatus(
  old: Namespace["status"],
  remains: readonly Remains[],
  errors: readonly string[],
  nowUs: Micros,
): Namespace["status"] {
  const found: readonly Found[] = [
    ["NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", DISCOVERED, undefined],
    ["NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", PARSED, undefined],
    ["NamespaceDeletionContentFailure", "ContentDeleted", DELETED, failure(errors)],
    ["NamespaceContentRemaining", "ContentRemoved", REMOVED, remaining(remains)],
    ["NamespaceFinalizersRemaining", "ContentHasNoFinalizers", FINALIZED, finalizing(remains)],
  ];
  let conditions = (old.conditions ?? []) as readonly Condition[];
  for (const [type, okReason, okMessage, fault] of found) {
    const [status, reason, message] =
      fault === undefined ? ["False", okReason, okMessage] : ["True", ...fault];
    const lastTransitionTime = timestamp(nowUs);
    conditions = setCondition(conditions, { type, status, reason, message, lastTransitionTime });
  }
  if (conditions === old.conditions) return old;
  return { ...old, conditions: [...conditions] as NonNullable<Namespace["status"]["conditions"]> };
}

type Fault = readonly [reason: string, message: string];
type Found = readonly [type: string, okReason: string, okMessage: string, fault: Fault | undefined];

const DISCOVERED = "All resources successfully discovered";
const PARSED = "All legacy kube types successfully parsed";
const DELETED = "All content successfully deleted, may be waiting on finalization";
const REMOVED = "All content successfully removed";
const FINALIZED = "All content-preserving finalizers finished";

function failure(errors: readonly string[]): Fault | undefined {
  if (errors.length === 0) return undefined;
  const text = `Failed to delete all resource types, ${errors.length} remaining: ${[...errors].sort().join(", ")}`;
  return ["ContentDeletionFailed", text];
}

function remaining(remains: readonly Remains[]): Fault | undefined {
  const texts = remains
    .filter(({ objects }) => objects.length > 0)
    .map(({ kind, objects }) => `${resourceOf(kind)} has ${objects.length} resource instances`);
  if (texts.length === 0) return undefined;
  return ["SomeResourcesRemain", `Some resources are remaining: ${texts.sort().join(", ")}`];
}

function finalizing(remains: readonly Remains[]): Fault | undefined {
  const counts = new Map<string, number>();
  for (const { objects } of remains)
    for (const { metadata } of objects)
      for (const each of metadata.finalizers ?? []) counts.set(each, (counts.get(each) ?? 0) + 1);
  if (counts.size === 0) return undefined;
  const texts = [...counts].map(([name, count]) => `${name} in ${count} resource instances`);
  const text = `Some content in the namespace has finalizers remaining: ${texts.sort().join(", ")}`;
  return ["SomeFinalizersRemain", text];
}

/** `pods.`, `deployments.apps`: resource, dot, group, even where there is no group. */
function resourceOf({ resource, apiVersion }: Kind): string {
  const [group, version] = apiVersion.split("/");
  return `${resource}.${version === undefined ? "" : group}`;
}
