/**
 * The arguments of DefaultPreemption.
 *
 * Source: DefaultPreemptionArgs of staging/src/k8s.io/kube-scheduler/config/v1, its defaults in
 * pkg/scheduler/apis/config/v1/defaults.go, and ValidateDefaultPreemptionArgs of
 * pkg/scheduler/apis/config/validation, v1.30.
 */
import { InputError } from "../../sim/kernel/index.ts";
import { checkArgs, refuse, type TypedArgs } from "../plugin-args.ts";

/** How many nodes a preemption wants to choose from; the higher of the two figures counts. */
export interface DefaultPreemptionArgs extends TypedArgs {
  /** Share of the nodes that might do, 0..100 per cent. 10 by default. */
  readonly minCandidateNodesPercentage?: number;
  /** A number of nodes, 0 or more. 100 by default. */
  readonly minCandidateNodesAbsolute?: number;
}

/** The arguments with their defaults. */
export interface CandidateLimits {
  readonly percentage: number;
  readonly absolute: number;
}

const PERCENTAGE = "minCandidateNodesPercentage";
const ABSOLUTE = "minCandidateNodesAbsolute";

/** Throws InputError for wrong arguments, with all their faults. */
export function candidateLimits(args: DefaultPreemptionArgs): CandidateLimits {
  checkArgs("DefaultPreemption", args, [PERCENTAGE, ABSOLUTE]);
  const percentage = wholeNumber(PERCENTAGE, args.minCandidateNodesPercentage ?? 10);
  const absolute = wholeNumber(ABSOLUTE, args.minCandidateNodesAbsolute ?? 100);
  const faults: string[] = [];
  if (percentage < 0 || percentage > 100) {
    faults.push(`${PERCENTAGE}: Invalid value: ${percentage}: not in valid range [0, 100]`);
  }
  if (absolute < 0) {
    faults.push(`${ABSOLUTE}: Invalid value: ${absolute}: not in valid range [0, inf)`);
  }
  if (percentage === 0 && absolute === 0) {
    const zero = "Invalid value: 0: cannot be zero at the same time as";
    faults.push(`${PERCENTAGE}: ${zero} ${ABSOLUTE}`, `${ABSOLUTE}: ${zero} ${PERCENTAGE}`);
  }
  if (faults.length > 0) throw new InputError(`DefaultPreemptionArgs: ${faults.join("; ")}.`);
  return { percentage, absolute };
}

/** calculateNumCandidates: how many candidates are enough among so many nodes that might do. */
export function candidateCount(nodeCount: number, limits: CandidateLimits): number {
  const share = Math.trunc((nodeCount * limits.percentage) / 100);
  return Math.min(Math.max(share, limits.absolute), nodeCount);
}

function wholeNumber(field: string, value: number): number {
  if (Number.isInteger(value)) return value;
  return refuse(`DefaultPreemptionArgs.${field}`, value, "a whole number");
}
