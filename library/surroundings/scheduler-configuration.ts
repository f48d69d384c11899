/** Reads a KubeSchedulerConfiguration file: `--policy scheduler.yaml`. */
import { CORE_SCHEMA, load, mergeTag, YAMLException } from "js-yaml";
import { type ConfiguredScheduler, configureScheduler } from "../../policies/index.ts";
import { FieldPositions } from "../../sim/api/index.ts";
import { InputError } from "../../sim/kernel/index.ts";

const SCHEMA = CORE_SCHEMA.withTags(mergeTag);

/**
 * The schedulers of a file's text, YAML or JSON. Throws an InputError that lists all faults, each
 * with file, line and column.
 */
export function readSchedulerConfiguration(text: string, path: string): ConfiguredScheduler {
  const configuration = parse(text, path);
  requireType(configuration, path);
  let positions: FieldPositions | undefined;
  return configureScheduler(configuration, (fieldPath) => {
    positions ??= new FieldPositions(text, 1);
    const { line, column } = positions.of(fieldPath);
    return `${path}:${line}:${column}: `;
  });
}

function parse(text: string, path: string): unknown {
  try {
    return load(text, { schema: SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line, column } = error.mark ?? { line: 0, column: 0 };
    throw new InputError(`${path}:${line + 1}:${column + 1}: ${error.reason}. Fix the YAML.`);
  }
}

/** A file says what it is: otherwise any YAML would be a scheduler with the default plugins. */
function requireType(configuration: unknown, path: string): void {
  const { apiVersion, kind } = (configuration ?? {}) as { apiVersion?: unknown; kind?: unknown };
  for (const [name, value] of Object.entries({ Kind: kind, apiVersion })) {
    if (typeof value === "string" && value !== "") continue;
    throw new InputError(
      `${path}: Object '${name}' is missing. Begin the file with ` +
        "apiVersion: kubescheduler.config.k8s.io/v1 and kind: KubeSchedulerConfiguration.",
    );
  }
}
