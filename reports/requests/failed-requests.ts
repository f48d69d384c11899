/** Requests to one Service that failed, for the lines below the terminal's table. */
import type { CallOutcome } from "../../sim/api/index.ts";

export interface FailedRequests {
  /** As services.csv names it. */
  readonly service: string;
  /** All requests, failed or not. */
  readonly requests: number;
  /** By how they failed, the commonest first. */
  readonly failures: readonly (readonly [CallOutcome, number])[];
}
