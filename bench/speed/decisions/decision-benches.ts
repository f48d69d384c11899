import type { Bench } from "../bench.ts";
import {
  decisionsAntiAffinity,
  decisionsDeployments,
  decisionsSpreading,
} from "./decisions-apps.ts";
import { decisionsPlain } from "./decisions-plain.ts";
import { decisionsPreemption } from "./decisions-preemption.ts";
import { decisionsUnschedulable } from "./decisions-unschedulable.ts";

/** All benches of scheduling decisions, in the order in which they run. */
export const decisionBenches: readonly Bench[] = [
  decisionsPlain,
  decisionsSpreading,
  decisionsAntiAffinity,
  decisionsPreemption,
  decisionsUnschedulable,
  decisionsDeployments,
];
