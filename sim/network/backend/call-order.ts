/** The order of calls in one pod, for whatever treats several of them at one moment. */
import type { Call } from "../call/index.ts";

/** By when their service began, then by edge, number, tree and attempt: never 0 for two calls. */
export function byBeginning(a: Call, b: Call): number {
  return (
    a.beganUs - b.beganUs ||
    a.edge.number - b.edge.number ||
    a.number - b.number ||
    a.trace - b.trace ||
    a.span - b.span ||
    a.attempt - b.attempt
  );
}
