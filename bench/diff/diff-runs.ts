/**
 * The first decision and the first write in which two recorded runs part. A is repeated and its
 * decisions are kept; B is repeated beside them until one differs; then A once more, up to there, for
 * its side of the story.
 */
import {
  type AttemptLimits,
  type Meant,
  nodeIn,
  Onlooker,
  partingReasons,
  type RunDifference,
  settingDifferences,
} from "../../reports/index.ts";
import type { Cluster } from "../../sim/index.ts";
import {
  type RepeatedRun,
  type RepeatHooks,
  type RepeatObserver,
  type RepeatQuery,
  repeatRun,
} from "../repeat/index.ts";
import { configurationOf } from "../run-experiment.ts";

export interface DiffQuery {
  readonly a: RepeatQuery;
  readonly b: RepeatQuery;
  readonly limits: AttemptLimits;
}

/** Rejects with InputError for a user's mistake and where a run cannot be repeated. */
export async function diffRuns(
  { a, b, limits }: DiffQuery,
  hooks: RepeatHooks,
): Promise<RunDifference> {
  const tape = new Tape();
  const runA = await repeatRun(a, hooks, observing(new Onlooker(tape, limits), false));
  const sideB = new Onlooker(comparedWith(tape), limits);
  const runB = await repeatRun(b, hooks, observing(sideB, true));
  const sameDecisions = sideB.decision?.index ?? sideB.decisions;
  const sameWrites = sideB.write?.index ?? sideB.writes;
  const hasParted = sideB.decision !== undefined || sameDecisions < tape.decisions.length;
  const hasWritten = sideB.write !== undefined || sameWrites < tape.writes.length;
  const node = sideB.decision?.side.attempt.node ?? "";
  const sideA = new Onlooker(onlyThe(sameDecisions, sameWrites, node), limits);
  if (hasParted || hasWritten) await repeatRun(a, hooks, observing(sideA, true));
  return {
    a: runA.labels,
    b: runB.labels,
    settings: settingDifferences(settingsOf(runA), settingsOf(runB)),
    inputs: inputDifferences(runA, runB),
    sameDecisions,
    parting: hasParted
      ? { same: sameDecisions, a: sideA.decision?.side, b: sideB.decision?.side }
      : undefined,
    reasons: hasParted ? partingReasons(sideA.decision, sideB.decision) : [],
    sameWrites,
    write: hasWritten
      ? { same: sameWrites, a: sideA.write?.side, b: sideB.write?.side }
      : undefined,
    digests: runB.isWhole ? { a: runA.summary.digests, b: runB.summary.digests } : undefined,
  };
}

/** What A did: pod, attempt and node of each decision; a fingerprint after each write. */
class Tape implements Meant {
  readonly decisions: string[] = [];
  readonly writes: number[] = [];

  decision(_index: number, text: string): boolean {
    this.decisions.push(text);
    return false;
  }

  write(_index: number, print: number): boolean {
    this.writes.push(print);
    return false;
  }

  rival(): string {
    return "";
  }
}

const comparedWith = ({ decisions, writes }: Tape): Meant => ({
  decision: (index, text) => decisions[index] !== text,
  write: (index, print) => writes[index] !== print,
  rival: (index) => nodeIn(decisions[index]),
});

const onlyThe = (decision: number, write: number, rival: string): Meant => ({
  decision: (index) => index === decision,
  write: (index) => index === write,
  rival: () => rival,
});

/** `stops`: the run may end as soon as both, the decision and the write, are told. */
const observing = (onlooker: Onlooker, stops: boolean): RepeatObserver => ({
  attach: ({ trace, schedulingCycles }: Cluster) => onlooker.attach(trace, schedulingCycles),
  isDone: () => stops && onlooker.decision !== undefined && onlooker.write !== undefined,
});

/** What is compared of a run's settings, with the policy's name and the seed. */
const settingsOf = ({ experiment, labels }: RepeatedRun): unknown => ({
  ...(configurationOf(experiment) as object),
  seeds: [labels.seed],
});

/** `policy.ts: its content is another` for each file that both read or one only. */
function inputDifferences(a: RepeatedRun, b: RepeatedRun): string[] {
  const paths = [...new Set([...a.inputs, ...b.inputs].map(({ path }) => path))].sort();
  return paths.flatMap((path) => {
    const [inA, inB] = [a, b].map(({ inputs }) => inputs.find((each) => each.path === path));
    if (inA?.sha256 === inB?.sha256) return [];
    if (inA === undefined || inB === undefined)
      return [`${path} is one of ${inA === undefined ? "B" : "A"} only`];
    return [`${path} has another content in B`];
  });
}
