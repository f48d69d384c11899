/** `deployment/web`, as kubectl's commands name an object. Pure. */
import { allKinds, type Kind, type Manifest } from "../../sim/api/index.ts";
import { nearestName } from "../../sim/kernel/index.ts";

/** kubectl's short names of the kinds that have one (kubectl api-resources of v1.30). */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ["cj", "CronJob"],
  ["deploy", "Deployment"],
  ["ds", "DaemonSet"],
  ["ev", "Event"],
  ["hpa", "HorizontalPodAutoscaler"],
  ["limits", "LimitRange"],
  ["no", "Node"],
  ["ns", "Namespace"],
  ["pc", "PriorityClass"],
  ["pdb", "PodDisruptionBudget"],
  ["po", "Pod"],
  ["pv", "PersistentVolume"],
  ["pvc", "PersistentVolumeClaim"],
  ["quota", "ResourceQuota"],
  ["rs", "ReplicaSet"],
  ["sa", "ServiceAccount"],
  ["sc", "StorageClass"],
  ["sts", "StatefulSet"],
  ["svc", "Service"],
]);

/** All objects of the kind that the text names, in the namespace: an object without a name. */
export function namedKind(text: string, namespace: string): Manifest | string {
  const kind = kindOf(text);
  if (kind === undefined) return unknownKind(text, text);
  const metadata = kind.namespaced ? { namespace } : {};
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadata };
}

function kindOf(word: string): Kind | undefined {
  const lower = word.toLowerCase();
  return allKinds.find(
    (each) =>
      each.kind.toLowerCase() === lower ||
      each.resource === lower ||
      each.kind === SHORT_NAMES.get(lower),
  );
}

function unknownKind(text: string, word: string): string {
  const known = allKinds.map((each) => each.kind.toLowerCase());
  const near = nearestName(word.toLowerCase(), known);
  const hint = near === undefined ? `Known: ${known.join(", ")}.` : `Did you mean "${near}"?`;
  return `got "${text}": there is no kind "${word}". ${hint}`;
}

/**
 * The object that the text names: apiVersion, kind, name and, for a kind that has them, namespace.
 * `implied` is the kind of a name without one. A text says what is wrong.
 */
export function namedObject(
  text: string,
  namespace: string,
  implied: "Node" | "Pod" | undefined,
): Manifest | string {
  const [first = "", second, ...more] = text.split("/");
  const [word, name] = second === undefined ? [implied, first] : [first, second];
  if (word === undefined || name === "" || more.length > 0)
    return `got "${text}", want kind/name, such as deployment/web.`;
  const kind = kindOf(word);
  if (kind === undefined) return unknownKind(text, word);
  if (implied !== undefined && kind.kind !== implied)
    return `got "${text}", want the name of a ${implied}.`;
  const metadata = kind.namespaced ? { name, namespace } : { name };
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadata };
}
