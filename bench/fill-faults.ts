/** The faults of an experiment. */
import type { Fault, FaultKind } from "../sim/index.ts";
import { InputError, parseDuration } from "../sim/kernel/index.ts";
import type { Experiment } from "./experiment.ts";
import type { ExperimentInput } from "./experiment-schema.ts";

type FaultInput = NonNullable<ExperimentInput["faults"]>[number];
type Detail = "for" | "server" | "factor" | "kind" | "node";

interface Needs {
  readonly must: readonly Detail[];
  readonly may: readonly Detail[];
}

/** Which details each fault must and may have. */
const NEEDS: Readonly<Record<FaultKind, Needs>> = {
  "etcd-leader-loss": { must: [], may: [] },
  "etcd-quorum-loss": { must: ["for"], may: [] },
  "etcd-slow": { must: ["factor"], may: ["for"] },
  "etcd-compaction": { must: [], may: [] },
  "etcd-defragmentation": { must: [], may: [] },
  "apiserver-down": { must: [], may: ["server", "for"] },
  "apiserver-slow": { must: ["factor"], may: ["server", "for"] },
  "watches-lost": { must: ["kind"], may: [] },
  "controller-manager-crash": { must: [], may: ["for"] },
  "scheduler-crash": { must: [], may: ["for"] },
  "node-down": { must: ["node"], may: ["for"] },
  "node-isolated": { must: ["node"], may: ["for"] },
};

const DETAILS: readonly Detail[] = ["for", "server", "factor", "kind", "node"];

/** The fault with times as numbers. `where` names it in messages. Throws InputError. */
export function fillFault(input: FaultInput, where: string): Fault {
  const { must, may } = NEEDS[input.fault];
  for (const detail of DETAILS) {
    const isGiven = input[detail] !== undefined;
    if (must.includes(detail) && !isGiven)
      throw new InputError(`${where}: ${input.fault} has no "${detail}". Say it.`);
    if (isGiven && !must.includes(detail) && !may.includes(detail))
      throw new InputError(`${where}: ${input.fault} takes no "${detail}". Leave it out.`);
  }
  const { server, factor, kind, node } = input;
  return {
    fault: input.fault,
    atUs: durationUs(input.at),
    ...(input.for === undefined ? {} : { forUs: durationUs(input.for) }),
    ...(server === undefined ? {} : { server }),
    ...(factor === undefined ? {} : { factor }),
    ...(kind === undefined ? {} : { kind }),
    ...(node === undefined ? {} : { node }),
  };
}

/** A fault of an API server that there is not. Throws InputError. */
export function refuseAbsentServers({ cluster, faults }: Experiment, where: string): void {
  const { replicas } = cluster.apiserver;
  for (const [i, { server = 0 }] of faults.entries()) {
    if (server < replicas) continue;
    throw new InputError(
      `${where}faults[${i}]: got server ${server}, want one below cluster.apiserver.replicas, ` +
        `which is ${replicas}. API servers are numbered from 0.`,
    );
  }
}

function durationUs(text: string): number {
  const us = parseDuration(text);
  if (us === undefined) throw new Error(`duration "${text}" was not checked`);
  return us;
}
