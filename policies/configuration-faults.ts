/**
 * The faults of a scheduler configuration as one message.
 */
import { describeFieldError, type FieldError } from "../sim/api/index.ts";

/** The only version that kube-scheduler v1.30 reads. */
export const API_VERSION = "kubescheduler.config.k8s.io/v1";

/** Faults that a message lists; the rest is only counted. */
const FAULTS_LISTED_MAX = 20;

/** One line per fault. `placeOf` gives what stands before a fault's path: file, line and column. */
export function faultsError(
  errors: readonly FieldError[],
  placeOf: (path: string) => string,
): string {
  const lines = errors
    .slice(0, FAULTS_LISTED_MAX)
    .map((error) => `${placeOf(error.path)}${describe(error)}`);
  const rest = errors.length - lines.length;
  if (rest > 0) lines.push(`... and ${rest} more (the first ${FAULTS_LISTED_MAX} are listed)`);
  return lines.join("\n");
}

function describe(error: FieldError): string {
  const text = describeFieldError(error);
  return text.startsWith("unknown field ") ? `strict decoding error: ${text}` : text;
}
