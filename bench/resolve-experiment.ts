/** The experiment that a file and flags describe, where they describe just one. */
import { InputError } from "../sim/kernel/index.ts";
import type { Experiment } from "./experiment.ts";
import { type ExperimentRequest, fillExperiment } from "./fill-experiment.ts";

/**
 * Reads the file if there is one and resolves everything. Flags win over the file. Paths in the
 * file start from the file's folder, paths in flags from the working directory. InputError for a
 * file with a matrix: a sweep runs those (see study/).
 */
export async function resolveExperiment(request: ExperimentRequest): Promise<Experiment> {
  const { file, settings, flags, workingDirectory } = request;
  if (file === undefined && settings === undefined && (flags.set ?? []).length === 0)
    return fillExperiment({}, workingDirectory, request);
  const { resolveStudy } = await import("./study/index.ts");
  const { points } = await resolveStudy(request);
  const [only] = points;
  if (only === undefined || points.length > 1)
    throw new InputError(
      `${file ?? "experiment"}: describes a matrix of ${points.length} points, want one ` +
        `experiment. Run it with: stowage sweep ${file ?? "FILE"}`,
    );
  return only.experiment;
}
