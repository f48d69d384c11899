/**
 * Arguments of plugins, as KubeSchedulerConfiguration writes them in pluginConfig, and checks of
 * those that kube-scheduler does not have (its own: plugin-args-validation.ts). A fault is an
 * InputError: which plugin and field, what was found, what was wanted.
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
const DEFAULT_RESOURCES: readonly ResourceSpec[] = [
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

/** Valid resources with their weights filled in (v1/defaults.go). */
export function withDefaultWeights(
  resources: readonly ResourceSpec[] | undefined,
): readonly Required<ResourceSpec>[] {
  const given = resources === undefined || resources.length === 0 ? DEFAULT_RESOURCES : resources;
  return given.map(({ name, weight }) => ({ name, weight: weight || 1 }));
}
