/** Runs what is not there yet of a plan, and keeps going when a run fails. */
import type { FailedRun } from "../../reports/index.ts";
import type { PlannedRun, StudyPlan } from "../study/index.ts";
import { RunFolders } from "./run-folders.ts";
import type { Executor, RunTask } from "./run-task.ts";

/** Part of the plan: the `index`-th of `count` shards, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface SweepProgress {
  /** Runs of this shard, those that were there before included. */
  readonly runs: number;
  readonly done: number;
  readonly failed: number;
  /** Of the runs that are under way, by label: share that is done, 0..1. */
  readonly running: ReadonlyMap<string, number>;
}

export interface SweepHooks {
  readonly executor: Executor;
  onProgress(progress: SweepProgress): void;
  /** A run is over; `message`: it failed. */
  onRunDone(label: string, message: string | undefined): void;
  /** Something the user should know that is no error. */
  notice(text: string): void;
  readonly signal: AbortSignal;
}

export interface SweepOutcome {
  /** Runs that were done now, and that were there before. */
  readonly ran: number;
  readonly found: number;
  /** Of this shard, in the order of the plan. */
  readonly failures: readonly FailedRun[];
  /** Runs of the plan that nobody has done yet: those of other shards. */
  readonly missing: number;
}

/**
 * Every run of the shard is done once, whoever asks for it how often: finished runs stay, damaged
 * ones are put aside and done again. Rejects with the signal's reason; what is finished then stays.
 */
export async function sweepRuns(
  plan: StudyPlan,
  shard: Shard | undefined,
  hooks: SweepHooks,
): Promise<SweepOutcome> {
  const folders = new RunFolders(plan.directory);
  folders.prepare();
  const mine = uniqueRuns(plan.runs).filter((_run, i) => isIn(shard, i));
  const left = mine.filter(({ key }) => !isDone(folders, key, hooks));
  const crew = new Crew(plan, left, mine.length, hooks);
  try {
    await crew.work();
  } finally {
    folders.discardOwn();
  }
  const keys = new Set(folders.keys());
  const failed = new Set(crew.failures.map(({ key }) => key));
  return {
    ran: left.length - crew.failures.length,
    found: mine.length - left.length,
    failures: mine.flatMap(({ key, labels }) => {
      const failure = crew.failures.find((each) => each.key === key);
      return failure === undefined ? [] : [{ labels, message: failure.message }];
    }),
    missing: uniqueRuns(plan.runs).filter(({ key }) => !keys.has(key) && !failed.has(key)).length,
  };
}

/** Runs with equal keys are one run. */
export function uniqueRuns(runs: readonly PlannedRun[]): PlannedRun[] {
  return [...new Map(runs.map((run) => [run.key, run])).values()];
}

/** Round robin: neighbours in the plan, which cost alike, go to different shards. */
const isIn = (shard: Shard | undefined, i: number): boolean =>
  shard === undefined || i % shard.count === shard.index - 1;

function isDone(folders: RunFolders, key: string, hooks: SweepHooks): boolean {
  const state = folders.state(key);
  if (typeof state === "string") return state === "whole";
  const name = folders.setAside(key);
  hooks.notice(`runs/${key} is damaged: ${state.fault}. It is put aside as ${name} and run again.`);
  return false;
}

/** `openb / default / nodes=100 / seed 1` */
export function labelText({ labels }: Pick<PlannedRun, "labels">): string {
  const { workload, policy, cluster, parameters = {}, seed } = labels;
  const varied = Object.entries(parameters).map(([path, value]) => `${path}=${value}`);
  const parts = [workload, cluster, ...varied, policy].filter((part) => part !== undefined);
  return [...parts, `seed ${seed}`].join(" / ");
}

interface Failure {
  readonly key: string;
  readonly message: string;
}

/** As many runs under way as the executor has slots. */
class Crew {
  readonly failures: Failure[] = [];
  readonly #plan: StudyPlan;
  readonly #left: readonly PlannedRun[];
  readonly #runs: number;
  readonly #hooks: SweepHooks;
  readonly #running = new Map<string, number>();
  #next = 0;

  constructor(plan: StudyPlan, left: readonly PlannedRun[], runs: number, hooks: SweepHooks) {
    this.#plan = plan;
    this.#left = left;
    this.#runs = runs;
    this.#hooks = hooks;
  }

  async work(): Promise<void> {
    const { executor } = this.#hooks;
    const under = new Set<Promise<void>>();
    this.#report();
    while (this.#next < this.#left.length || under.size > 0) {
      while (this.#next < this.#left.length && under.size < executor.slots()) {
        const run = this.#left[this.#next++] as PlannedRun;
        const ended = this.#one(run).finally(() => under.delete(ended));
        under.add(ended);
      }
      await Promise.race(under);
    }
  }

  async #one(run: PlannedRun): Promise<void> {
    const { executor, signal } = this.#hooks;
    signal.throwIfAborted();
    const label = labelText(run);
    const { key, labels, experiment } = run;
    const task: RunTask = { key, labels, experiment, directory: this.#plan.directory };
    this.#running.set(label, 0);
    const verdict = await executor.run(task, {
      signal,
      onProgress: (fraction) => {
        this.#running.set(label, fraction);
        this.#report();
      },
    });
    this.#running.delete(label);
    const message = verdict.ok ? undefined : explained(verdict);
    if (message !== undefined) this.failures.push({ key, message });
    this.#hooks.onRunDone(label, message);
    this.#report();
  }

  #report(): void {
    const over = this.#next - this.#running.size;
    const found = this.#runs - this.#left.length;
    const failed = this.failures.length;
    const done = found + over - failed;
    this.#hooks.onProgress({ runs: this.#runs, done, failed, running: this.#running });
  }
}

const explained = ({ message, isInput }: { message: string; isInput: boolean }): string =>
  isInput ? message : `${message} (a fault of stowage or of this machine, not of the input)`;

/** Keys of the plan's runs that are there and undamaged. */
export function finishedRuns({ runs, directory }: StudyPlan): ReadonlySet<string> {
  const folders = new RunFolders(directory);
  const keys = new Set(runs.map(({ key }) => key));
  return new Set([...keys].filter((key) => folders.state(key) === "whole"));
}
