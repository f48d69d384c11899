/** The matrix of an experiment file: workloads x clusters x parameters, as settings for each. */
import { InputError } from "../../sim/kernel/index.ts";
import type { ExperimentInput } from "../experiment-schema.ts";
import { overlay } from "../overlay.ts";
import { parseSettingPath, withSetting } from "./setting-path.ts";

/** A corner of the matrix, without policy and seed. */
export interface MatrixPoint {
  /** Name of the workload in `workloads`; undefined: the file has one workload. */
  readonly workload: string | undefined;
  readonly cluster: string | undefined;
  /** Values as text, by the path as the file writes it. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The settings of this point: no matrix is left in them. Not yet checked by the schema. */
  readonly input: unknown;
  /** For messages: `parameters scheduler.percentageOfNodesToScore=0`. */
  readonly place: string;
}

/** More points than anybody can wait for are a slip of the pen. */
export const POINTS_MAX = 100_000;

/** Every point, the last parameter varying fastest. InputError for too many, or a name twice. */
export function pointsOf(input: ExperimentInput, where: string): MatrixPoint[] {
  const { workloads, clusters, parameters, include: _included, ...base } = input;
  if (workloads !== undefined && input.workload !== undefined)
    throw new InputError(
      `${where}workloads: got workload and workloads, want one of them. ` +
        "Put the workload into workloads under a name.",
    );
  const axes = Object.entries(parameters ?? {});
  const count = axes.reduce(
    (product, [, values]) => product * values.length,
    Object.keys(workloads ?? { one: 0 }).length * Object.keys(clusters ?? { one: 0 }).length,
  );
  if (count > POINTS_MAX)
    throw new InputError(
      `${where}the matrix has ${count} points before policies and seeds, ` +
        `want at most ${POINTS_MAX}. Take values out of parameters, workloads or clusters.`,
    );
  let points: MatrixPoint[] = [
    { workload: undefined, cluster: undefined, parameters: {}, input: base, place: "" },
  ];
  if (workloads !== undefined)
    points = Object.entries(workloads).flatMap(([name, workload]) =>
      points.map((point) => ({
        ...point,
        workload: name,
        input: { ...(point.input as object), workload },
        place: `${point.place} workloads.${name}`,
      })),
    );
  if (clusters !== undefined)
    points = points.flatMap((point) =>
      Object.entries(clusters).map(([name, cluster]) => ({
        ...point,
        cluster: name,
        input: overlay(point.input, { cluster }),
        place: `${point.place} clusters.${name}`,
      })),
    );
  for (const [path, values] of axes) points = crossed(points, path, values, where);
  return points.map((point) => ({ ...point, place: point.place.trim() }));
}

function crossed(
  points: readonly MatrixPoint[],
  path: string,
  values: readonly unknown[],
  where: string,
): MatrixPoint[] {
  const parsed = parseSettingPath(path, `${where}parameters`);
  const [root = ""] = parsed;
  if (["policies", "seeds", "name", "outputs"].includes(String(root)))
    throw new InputError(
      `${where}parameters: got "${path}", want a setting of the simulation. ` +
        `${String(root)} has a field of its own in the file.`,
    );
  const texts = values.map(valueText);
  const twice = texts.find((text, i) => texts.indexOf(text) !== i);
  if (twice !== undefined)
    throw new InputError(
      `${where}parameters.${path}: got ${twice} twice, want each once. Take one out.`,
    );
  return points.flatMap((point) =>
    values.map((value, i) => ({
      ...point,
      parameters: { ...point.parameters, [path]: texts[i] ?? "" },
      input: withSetting(point.input, parsed, value),
      place: `${point.place} parameters.${path}[${i}]`,
    })),
  );
}

/** A value in a cell: text as it is, the rest as JSON. */
const valueText = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? null);
