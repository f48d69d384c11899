/** What the terminal says about requests that failed: a few lines below the table. */
import type { CallOutcome } from "../sim/api/index.ts";
import type { FailedRequests } from "./requests/index.ts";
import type { RunSummary } from "./summary.ts";

/** Lines in all. */
const LINES_MAX = 5;

/** Failed requests of one policy to one Service, over the seeds. */
interface Group {
  readonly policy: string;
  readonly service: string;
  requests: number;
  failed: number;
  readonly byOutcome: Map<CallOutcome, number>;
}

/**
 * A line for each policy and Service with failed requests, counts summed over the seeds, those with
 * the most failures first. Empty when every request was answered well.
 */
export function failedRequestLines(summaries: readonly RunSummary[]): string[] {
  const groups = new Map<string, Group>();
  for (const { failedRequests, policy } of summaries)
    for (const failed of failedRequests) add(groups, policy, failed);
  const policies = new Set(summaries.map(({ policy }) => policy)).size;
  const seeds = new Set(summaries.map(({ seed }) => seed)).size;
  const over = seeds === 1 ? "" : ` over ${seeds} seeds`;
  const sorted = [...groups.entries()];
  sorted.sort(([a, x], [b, y]) => y.failed - x.failed || (a < b ? -1 : 1));
  const lines = sorted
    .slice(0, LINES_MAX)
    .map(([, group]) => `${policies === 1 ? "" : `${group.policy}: `}${line(group, over)}`);
  const rest = sorted.slice(LINES_MAX).reduce((sum, [, { failed }]) => sum + failed, 0);
  return rest === 0 ? lines : [...lines, `${rest} failed${over} elsewhere.`];
}

function add(
  groups: Map<string, Group>,
  policy: string,
  { service, requests, failures }: FailedRequests,
): void {
  const key = `${policy} ${service}`;
  let group = groups.get(key);
  if (group === undefined) {
    group = { policy, service, requests: 0, failed: 0, byOutcome: new Map() };
    groups.set(key, group);
  }
  group.requests += requests;
  for (const [outcome, count] of failures) {
    group.failed += count;
    group.byOutcome.set(outcome, (group.byOutcome.get(outcome) ?? 0) + count);
  }
}

function line({ service, requests, failed, byOutcome }: Group, over: string): string {
  const kinds = [...byOutcome.entries()];
  kinds.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const text = kinds.map(([outcome, count]) => `${outcome} ${count}`).join(", ");
  const counted = requests === 1 ? "1 request" : `${requests} requests`;
  return `${failed} of ${counted} to ${service} failed${over}: ${text}.`;
}
