/** What the runner of an experiment is handed by its caller, and what it gives back. */

import type { ConfiguredSettings } from "../policies/index.ts";
import type {
  Comparison,
  Recorder,
  ReportRequest,
  ReportTarget,
  RunSummary,
} from "../reports/index.ts";
import type { Balancer } from "../sim/network/index.ts";
import type { Profile } from "../sim/scheduler/index.ts";

/** A user's policy file, loaded. */
export interface PolicyCode {
  /** One, or one per schedulerName. */
  readonly profiles: readonly Profile[];
  /** What a KubeSchedulerConfiguration says besides: it wins over the experiment's settings. */
  readonly settings?: ConfiguredSettings;
  /** Paths of fields of the file that mean nothing here. */
  readonly ignored?: readonly string[];
  /** Of the file's bytes; absent: it came from no file. */
  readonly sha256?: string;
}

/** A user's balancer, loaded. */
export interface BalancerCode {
  readonly balancer: Balancer;
  /** Of the file's bytes. */
  readonly sha256: string;
}

/** A point on the way through the runs of an experiment. */
export interface RunProgress {
  /** Which run, from 1, of how many. */
  readonly run: number;
  readonly runs: number;
  /** `openb / default / seed 1` */
  readonly label: string;
  /** Share of this run that is done, 0..1. */
  readonly fraction: number;
}

export interface RunHooks {
  /** Version of stowage, for run.json. */
  readonly version: string;
  /** Loads a policy file by its absolute path; throws InputError when it is none. */
  loadPolicy(path: string): Promise<PolicyCode>;
  /** Loads a balancer's file in the same way. */
  loadBalancer(path: string): Promise<BalancerCode>;
  onRunStart(progress: RunProgress): void;
  onProgress(progress: RunProgress): void;
  /** `events`: how many its kernel dispatched. */
  onRunDone(progress: RunProgress, events: number): void;
  /** Something the user should know that is no error. */
  notice(text: string): void;
  /** Lets the event loop turn; awaited every tenth of a second or so. */
  breathe(): Promise<void>;
  /**
   * Told to stop: remove what is unfinished and throw `signal.reason`. It can only be seen when
   * the event loop turns, so look at it between stretches of at most about 100 ms.
   */
  readonly signal: AbortSignal;
  /** Recorders of the user that look on at every run; absent: none. */
  readonly recorders?: readonly Recorder[];
  /** Where the rows go; absent: files in the output folder. */
  readonly openReports?: (request: ReportRequest) => ReportTarget;
}

export interface ExperimentResult {
  /** In the order of the runs. */
  readonly summaries: readonly RunSummary[];
  readonly comparisons: readonly Comparison[];
  /** Absolute paths of the files written. */
  readonly paths: readonly string[];
}
