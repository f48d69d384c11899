/** What a page is made of. */
import type { DrawnFigure, ScenarioRuns } from "../figures/index.ts";
import type { Results } from "../results/index.ts";
import type { ReportFormat } from "./report-format.ts";

export interface PageInput {
  readonly results: Results;
  /** All of the results'. */
  readonly scenarios: readonly ScenarioRuns[];
  /** Those whose figures are drawn. */
  readonly drawnScenarios: readonly ScenarioRuns[];
  readonly figures: readonly DrawnFigure[];
  /** What makes the report again. */
  readonly command: string;
  readonly formats: readonly ReportFormat[];
}
