/** What the terminal says about pods and Jobs that means leave out: a few lines below the table. */
import type { RunLabels, RunSummary } from "./summary.ts";

/**
 * A line per policy for pods, for Jobs and for the warm-up, where means over some leave others out.
 * Counts are summed over the seeds. Where nothing completed there is no mean to speak of.
 */
export function leftOutLines(runs: readonly (RunLabels & Pick<RunSummary, "metrics">)[]): string[] {
  const policies = [...new Set(runs.map(({ policy }) => policy))];
  return policies.flatMap((policy) => {
    const mine = runs.filter((run) => run.policy === policy);
    const sum = (metric: string): number =>
      mine.reduce((total, { metrics }) => total + (metrics[metric] ?? 0), 0);
    const seeds = new Set(mine.map(({ seed }) => seed)).size;
    const over = seeds === 1 ? "" : ` over ${seeds} seeds`;
    const lines = [
      incompleteLine("pods", sum("pods_incomplete"), sum("pod_completion_n"), over),
      incompleteLine("Jobs", sum("jobs_incomplete"), sum("job_completion_n"), over),
      warmupLine(sum("pods_in_warmup"), sum("warmup_s") / mine.length, over),
    ].filter((line) => line !== undefined);
    return policies.length === 1 ? lines : lines.map((line) => `${policy}: ${line}`);
  });
}

function incompleteLine(
  things: "pods" | "Jobs",
  incomplete: number,
  complete: number,
  over: string,
): string | undefined {
  if (incomplete === 0 || complete === 0) return undefined;
  const without = things === "pods" ? "completion times and slowdowns are" : "their times are";
  return (
    `${incomplete} of ${incomplete + complete} ${things} did not complete${over}: ` +
    `${without} of the other ${complete} only.`
  );
}

function warmupLine(pods: number, meanS: number, over: string): string | undefined {
  if (pods === 0) return undefined;
  const words = over === "" ? "" : " on average";
  return (
    `${pods} ${pods === 1 ? "pod" : "pods"} of the warm-up (${meanS.toFixed(1)} s${words}) ` +
    `${pods === 1 ? "is" : "are"} left out${over}.`
  );
}
