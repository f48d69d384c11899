/** A study from its plan to its tables: `stowage sweep`. */
import { join } from "node:path";
import {
  type Comparison,
  openStudyFolder,
  prepareOutputDirectory,
  type Results,
  STUDY_FILE,
  studyJson,
  writeStudyFiles,
  writeWhole,
} from "../../reports/index.ts";
import { type PlanHooks, planStudy, type Study, type StudyPlan } from "../study/index.ts";
import { type Shard, type SweepHooks, type SweepOutcome, sweepRuns } from "./sweep.ts";

export interface StudyRequest {
  readonly study: Study;
  /** The folder of the results as the user named it. */
  readonly named: string;
  /** What makes the results again. */
  readonly command: string;
  readonly shard?: Shard | undefined;
  /** More seeds until it says undefined; absent: those of the study. */
  readonly moreSeeds?:
    | ((results: Results, seeds: readonly string[]) => readonly string[] | undefined)
    | undefined;
}

export interface StudyResult extends SweepOutcome {
  readonly plan: StudyPlan;
  /** undefined: runs of other shards are not there yet, so there are no tables. */
  readonly tables:
    | {
        readonly results: Results;
        readonly comparisons: readonly Comparison[];
        readonly paths: readonly string[];
      }
    | undefined;
}

/** Rejects with InputError for a user's mistake and with the signal's reason. */
export async function runStudy(
  { study, named, command, shard, moreSeeds }: StudyRequest,
  hooks: SweepHooks & PlanHooks,
): Promise<StudyResult> {
  let seeds = study.points[0]?.experiment.seeds ?? [];
  for (;;) {
    const plan = await planStudy(study, hooks, { seeds });
    prepareOutputDirectory(plan.directory);
    writeRecord(plan, command, hooks.version);
    const outcome = await sweepRuns(plan, shard, hooks);
    if (outcome.missing > 0) return { ...outcome, plan, tables: undefined };
    const results = withMessages(openStudyFolder(named, plan.directory), outcome);
    const more = moreSeeds?.(results, seeds);
    if (more === undefined || outcome.failures.length > 0) {
      const { comparisons, paths } = writeStudyFiles(results);
      const record = join(plan.directory, STUDY_FILE);
      return { ...outcome, plan, tables: { results, comparisons, paths: [...paths, record] } };
    }
    seeds = more;
  }
}

function writeRecord(
  { name, parameters, directory, runs }: StudyPlan,
  command: string,
  version: string,
) {
  const record = {
    stowage: version,
    name,
    command,
    parameters,
    runs: runs.map(({ key, labels }) => ({ key, ...labels })),
  };
  writeWhole(join(directory, STUDY_FILE), studyJson(record));
}

/** The results with what the failed runs said. */
function withMessages(results: Results, { failures }: SweepOutcome): Results {
  const messages = new Map(
    failures.map(({ labels, message }) => [JSON.stringify(labels), message]),
  );
  return {
    ...results,
    failures: results.failures.map((failure) => ({
      ...failure,
      message: messages.get(JSON.stringify(failure.labels)) ?? failure.message,
    })),
  };
}
