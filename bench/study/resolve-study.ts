/** Makes a study of an experiment file: includes, matrix, overrides, defaults. */
import { basename, dirname, extname, resolve } from "node:path";
import { type ReportFile, reportFiles } from "../../reports/index.ts";
import { InputError } from "../../sim/kernel/index.ts";
import { settingFaults } from "../experiment-file.ts";
import type { ExperimentInput } from "../experiment-schema.ts";
import { type ExperimentRequest, fillExperiment } from "../fill-experiment.ts";
import { readWithIncludes, settingsWithIncludes } from "./include-files.ts";
import { type MatrixPoint, pointsOf } from "./matrix.ts";
import { parseSetting, parseSettingPath, type Setting, withSetting } from "./setting-path.ts";
import type { Study, StudyPoint } from "./study.ts";

/**
 * Reads the file if there is one and resolves every point of its matrix. `--set` wins over the file
 * and its matrix, other flags over both. InputError for a user's mistake, saying where.
 */
export async function resolveStudy(request: ExperimentRequest): Promise<Study> {
  const { file, flags, workingDirectory } = request;
  const path = file === undefined ? undefined : resolve(workingDirectory, file);
  const read: ExperimentInput =
    file === undefined || path === undefined
      ? await settingsWithIncludes(request.settings ?? {}, workingDirectory)
      : await readWithIncludes(file, path);
  const where = file === undefined ? "" : `${file}: `;
  const settings = (flags.set ?? []).map(parseSetting);
  const input = withoutAxes(read, settings);
  const isWorkloadGiven = flags.trace !== undefined || flags.manifests !== undefined;
  if (input.workloads !== undefined && isWorkloadGiven)
    throw new InputError(
      `${where}workloads: got workloads by name and one on the command line, want one or the ` +
        "other. Leave out the flag, or take workloads out of the file.",
    );
  const base = path === undefined ? workingDirectory : dirname(path);
  const name = input.name ?? (file === undefined ? undefined : basename(file, extname(file)));
  const points: StudyPoint[] = [];
  for (const point of pointsOf(input, where)) {
    const checked = await checkedInput(point, settings, where);
    const experiment = await fillExperiment(checked, base, request);
    points.push(pointOf(point, experiment));
  }
  return {
    name: name ?? points[0]?.experiment.name ?? "",
    parameters: Object.keys(input.parameters ?? {}),
    directory: points[0]?.experiment.outputs.directory ?? "",
    points,
  };
}

function pointOf(point: MatrixPoint, experiment: StudyPoint["experiment"]): StudyPoint {
  const { workload = experiment.name, cluster, parameters } = point;
  return {
    labels: {
      workload,
      ...(cluster === undefined ? {} : { cluster }),
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    },
    experiment: { ...experiment, name: workload },
  };
}

/** The file's settings without parameters that the command line sets to one value. */
function withoutAxes(input: ExperimentInput, settings: readonly Setting[]): ExperimentInput {
  if (input.parameters === undefined || settings.length === 0) return input;
  const set = settings.map(({ path }) => path.join("\n"));
  const kept = Object.entries(input.parameters).filter(
    ([path]) => !set.includes(parseSettingPath(path, "parameters").join("\n")),
  );
  const { parameters: _all, ...rest } = input;
  return kept.length === 0 ? rest : { ...rest, parameters: Object.fromEntries(kept) };
}

/** The point's settings with those of `--set`, seen to be right by the schema. */
async function checkedInput(
  { input, place }: MatrixPoint,
  settings: readonly Setting[],
  where: string,
): Promise<ExperimentInput> {
  await refuse(input, `${where}${place === "" ? "" : `${place}: `}`);
  let value = input;
  for (const setting of settings) {
    value = withSetting(value, setting.path, setting.value);
    await refuse(value, `--set ${setting.text}: `);
  }
  return value as ExperimentInput;
}

async function refuse(value: unknown, where: string): Promise<void> {
  const faults = await settingFaults(value);
  if (faults.length > 0) throw new InputError(faults.map((fault) => where + fault).join("\n"));
}

/**
 * Files of a run of a sweep where the experiment names none: what the report needs. A row per pod,
 * object or request of a thousand runs would fill a disk: ask for them in outputs.files.
 */
export function sweepFiles(): readonly ReportFile[] {
  const bulky = ["pods", "workloads", "operations", "nodes", "endpoints", "request-traces"];
  const many: readonly string[] = [...bulky, "comparison", "api-requests", "scheduler-metrics"];
  return reportFiles.filter((file) => !many.includes(file));
}
