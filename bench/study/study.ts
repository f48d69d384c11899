/** A study: the experiments of a matrix, resolved. */
import type { RunLabels } from "../../reports/index.ts";
import type { Experiment } from "../experiment.ts";

export interface Study {
  /** For titles: the file's `name`, or its file name, or the workload's. */
  readonly name: string;
  /** Paths of the settings that are varied, as the file writes them, in its order. */
  readonly parameters: readonly string[];
  /** Absolute folder of the results. */
  readonly directory: string;
  /** At least one. */
  readonly points: readonly StudyPoint[];
}

/** An experiment of the study; its policies and seeds are runs of their own. */
export interface StudyPoint {
  readonly labels: Omit<RunLabels, "policy" | "seed">;
  readonly experiment: Experiment;
}
