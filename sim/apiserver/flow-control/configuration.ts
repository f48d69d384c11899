/**
 * The flow control configuration that is in force: the objects in the store, and for each name that
 * has none the default. A FlowSchema that names no existing level is left out (it is dangling), and
 * so is a level whose spec contradicts itself.
 * Source: digestNewPLsLocked and digestFlowSchemasLocked of apf_controller.go, v1.30.
 */
import {
  type Condition,
  defaultFlowSchemas,
  defaultPriorityLevels,
  type FlowSchema,
  type flowcontrol,
  type KeyRecord,
  type PriorityLevelConfiguration,
} from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";

export interface LevelConfiguration {
  readonly name: string;
  readonly spec: flowcontrol.PriorityLevelConfigurationSpec;
}

export interface SchemaConfiguration {
  readonly name: string;
  readonly spec: flowcontrol.FlowSchemaSpec;
}

export interface Configuration {
  readonly levels: readonly LevelConfiguration[];
  /** By matchingPrecedence, then by name. */
  readonly schemas: readonly SchemaConfiguration[];
}

/** Reads the configuration. O(objects x log). */
export function readConfiguration(etcd: Etcd): Configuration {
  const levels = new Map<string, LevelConfiguration>();
  for (const { name, spec } of defaultPriorityLevels) levels.set(name, { name, spec });
  for (const { name, stored } of etcd.list("PriorityLevelConfiguration")) {
    const { spec } = stored as PriorityLevelConfiguration;
    if (isWellFormed(name, spec)) levels.set(name, { name, spec });
    else levels.delete(name);
  }
  const schemas = new Map<string, SchemaConfiguration>();
  for (const { name, spec } of defaultFlowSchemas) schemas.set(name, { name, spec });
  for (const { name, stored } of etcd.list("FlowSchema"))
    schemas.set(name, { name, spec: (stored as FlowSchema).spec });
  const used = [...schemas.values()].filter(({ spec }) =>
    levels.has(spec.priorityLevelConfiguration.name),
  );
  used.sort((a, b) => precedence(a) - precedence(b) || (a.name < b.name ? -1 : 1));
  return { levels: [...levels.values()], schemas: used };
}

/** Stored FlowSchemas whose condition Dangling does not say what is true, and what it should say. */
export function staleConditions(
  etcd: Etcd,
  { levels }: Configuration,
): { record: KeyRecord<FlowSchema>; condition: Condition }[] {
  const found: ReturnType<typeof staleConditions> = [];
  for (const record of etcd.list("FlowSchema") as KeyRecord<FlowSchema>[]) {
    const { spec, status } = record.stored as FlowSchema;
    const level = spec.priorityLevelConfiguration.name;
    const exists = levels.some(({ name }) => name === level);
    const fact = exists ? "and it exists" : "but there is no such object";
    const condition = {
      type: "Dangling",
      status: exists ? "False" : "True",
      reason: exists ? "Found" : "NotFound",
      message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${fact}`,
    };
    const told = status.conditions?.find(({ type }) => type === "Dangling");
    if (told?.status !== condition.status || told.message !== condition.message)
      found.push({ record, condition });
  }
  return found;
}

/** Shares, and percentages lent and borrowed; an exempt level borrows without limit. */
export function sharesOf({ limited, exempt }: flowcontrol.PriorityLevelConfigurationSpec): {
  readonly shares: number;
  readonly lendablePercent: number;
  readonly borrowingLimitPercent: number | undefined;
} {
  const source = limited ?? exempt;
  return {
    shares: source?.nominalConcurrencyShares ?? 0,
    lendablePercent: source?.lendablePercent ?? 0,
    borrowingLimitPercent: limited?.borrowingLimitPercent,
  };
}

function precedence({ spec }: SchemaConfiguration): number {
  return spec.matchingPrecedence ?? 1000;
}

/** queueSetCompleterForPL: type and union agree, as validation should have ensured. */
function isWellFormed(name: string, spec: flowcontrol.PriorityLevelConfigurationSpec): boolean {
  const { type, limited } = spec;
  if ((type === "Exempt") !== (name === "exempt")) return false;
  if (type === "Exempt") return limited === undefined;
  const response = limited?.limitResponse;
  if (response === undefined) return false;
  return (response.type === "Queue") === (response.queuing !== undefined);
}
