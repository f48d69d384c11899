/**
 * Checks of the arguments of plugins, as KubeSchedulerConfiguration writes them in pluginConfig.
 * A fault is an InputError: which plugin and field, what was found, what was wanted.
 */
import { InputError, nearestName } from "../sim/kernel/index.ts";

/** A resource with its weight in a score: `ResourceSpec` of KubeSchedulerConfiguration. */
export interface ResourceSpec {
  readonly name: string;
  /** 1..100; 1 when missing or 0. */
  readonly weight?: number;
}

/** Every args object may say what it is. */
export interface TypedArgs {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** Resources that are scored when the arguments name none (v1/defaults.go). */
export const DEFAULT_RESOURCES: readonly ResourceSpec[] = [
  { name: "cpu", weight: 1 },
  { name: "memory", weight: 1 },
];

/** Throws the InputError for `where`: `NodeResourcesFitArgs.ignoredResources[0]: got ...`. */
export function refuse(where: string, found: unknown, wanted: string): never {
  throw new InputError(`${where}: got ${JSON.stringify(found)}, want ${wanted}.`);
}

/** Refuses arguments that are no object, of another kind, or with fields that `known` lacks. */
export function checkArgs(plugin: string, args: TypedArgs, known: readonly string[]): void {
  const kind = `${plugin}Args`;
  checkFields(kind, args, ["apiVersion", "kind", ...known]);
  if (args.kind !== undefined && args.kind !== kind) refuse(`${kind}.kind`, args.kind, kind);
}

/** Refuses what is no object or has fields that `known` lacks. */
export function checkFields(where: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(where, value, `an object with ${known.join(", ")}`);
  }
  for (const field of Object.keys(value)) {
    if (known.includes(field)) continue;
    const near = nearestName(field, known);
    const hint = near === undefined ? `Known: ${known.join(", ")}.` : `Did you mean ${near}?`;
    throw new InputError(`${where}.${field}: there is no such field. ${hint}`);
  }
}

/** Refuses what is no list of non-empty strings; a missing list is empty. */
export function checkNames(where: string, names: unknown): readonly string[] {
  if (names === undefined || names === null) return [];
  if (!Array.isArray(names)) return refuse(where, names, "a list of names");
  for (const [index, name] of names.entries()) {
    if (typeof name !== "string" || name === "") refuse(`${where}[${index}]`, name, "a name");
  }
  return names;
}

/** Resources with their weights filled in; `wantedMax` is the highest weight allowed. */
export function checkResources(
  where: string,
  resources: readonly ResourceSpec[] | undefined,
  wantedMax: number,
): readonly Required<ResourceSpec>[] {
  if (resources !== undefined && !Array.isArray(resources)) {
    refuse(where, resources, "a list of resources with name and weight");
  }
  const given = resources === undefined || resources.length === 0 ? DEFAULT_RESOURCES : resources;
  const seen = new Set<string>();
  return given.map((resource, index) => {
    const path = `${where}[${index}]`;
    checkFields(path, resource, ["name", "weight"]);
    if (typeof resource.name !== "string" || resource.name === "") {
      refuse(`${path}.name`, resource.name, "the name of a resource, as cpu or nvidia.com/gpu");
    }
    if (seen.has(resource.name)) refuse(`${path}.name`, resource.name, "each resource once");
    seen.add(resource.name);
    const weight = resource.weight === undefined || resource.weight === 0 ? 1 : resource.weight;
    if (!Number.isInteger(weight) || weight < 1 || weight > wantedMax) {
      const wanted = wantedMax === 1 ? "1" : `a whole number from 1 to ${wantedMax}`;
      refuse(`${path}.weight`, resource.weight, wanted);
    }
    return { name: resource.name, weight };
  });
}
