/** Why a pod went where it did, as plain data: what `stowage explain --format json` prints. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { Remedies } from "./remedies.ts";

export interface PodStory {
  readonly namespace: string;
  readonly name: string;
  readonly createdUs: Micros;
  readonly priority: number;
  readonly attempts: readonly Attempt[];
  /** Attempts between the first one and those that are kept in full: their count. */
  readonly earlierAttempts: number;
  /** Where it waits, if it was put into a queue after its last attempt. */
  readonly queuedSince: readonly QueueMove[];
  /** Node that it was bound to, or "". */
  readonly node: string;
  readonly boundUs: Micros | undefined;
  readonly startedUs: Micros | undefined;
  readonly finishedUs: Micros | undefined;
  readonly deletedUs: Micros | undefined;
  readonly phase: string;
  /** Who made it go: the pod for which it was preempted, and why it was among the victims. */
  readonly preemptedFor: PreemptedFor | undefined;
}

export interface PreemptedFor {
  readonly pod: string;
  readonly priority: number;
  readonly timeUs: Micros;
  readonly node: string;
}

/** A pod has come into one of the scheduler's queues. */
export interface QueueMove {
  readonly timeUs: Micros;
  /** active | backoff | unschedulable | gated */
  readonly queue: string;
  /** kube-scheduler's label of what brought it there: `PodAdd`, `BackoffComplete`, `NodeAdd` ... */
  readonly event: string;
}

/** An attempt with what came before and after its scheduling cycle. */
export interface Attempt extends CycleAccount {
  /** How it came into the queue that it was taken from, since the attempt before. */
  readonly queued: readonly QueueMove[];
  /** The cycle ended; undefined: the run did before. */
  readonly endUs: Micros | undefined;
  /** scheduled | unschedulable | error; "": not ended. */
  readonly result: string;
  /** The API server has answered the binding; undefined: none was sent, or the run ended. */
  readonly binding: { readonly timeUs: Micros; readonly ok: boolean } | undefined;
}

/** What one scheduling cycle weighed. */
export interface CycleAccount {
  /** From 1. */
  readonly attempt: number;
  readonly timeUs: Micros;
  /** schedulerName of the profile. */
  readonly profile: string;
  /** Chosen node, or "". */
  readonly node: string;
  /** Why none was chosen, in the scheduler's words, or "". */
  readonly message: string;
  readonly nodes: number;
  /** Nodes that the scheduler looked at before it had enough, and those of them that fit. */
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
  /** The pod was promised this node, and no other was looked at. */
  readonly isNominatedNodeOnly: boolean;
  /** Nodes that were not looked at (percentageOfNodesToScore), and how many of them fit. */
  readonly unseen: {
    readonly count: number;
    readonly fitting: number;
    readonly examples: readonly string[];
  };
  /** What filters say of the nodes that do not fit, by plugin and reason, the largest group first. */
  readonly rejections: readonly RejectionGroup[];
  /** A preFilter rejected the pod as a whole, or left nodes out. */
  readonly preFilter: { readonly plugin: string; readonly reasons: readonly string[] } | undefined;
  readonly excludedNodes: number;
  /** What would have to change for it to fit; undefined where it fits somewhere. */
  readonly remedies: Remedies | undefined;
  /** Score plugins, in profile order. */
  readonly scorers: readonly {
    readonly plugin: string;
    readonly weight: number;
    readonly isSkipped: boolean;
  }[];
  /** The best nodes, best first, and the chosen one wherever it stands. */
  readonly scores: readonly NodeScore[];
  readonly tie: Tie | undefined;
  /** What preemption weighed; undefined: it was not asked. */
  readonly preemption: PreemptionAccount | undefined;
  /** The node that was asked about; undefined: none was. */
  readonly asked: AskedNode | undefined;
}

export interface RejectionGroup {
  readonly plugin: string;
  readonly reason: string;
  readonly count: number;
  /** Of these the nodes that no plugin before it rejects: those that the scheduler's message counts. */
  readonly firstCount: number;
  /** The first ones by name. */
  readonly examples: readonly string[];
}

export interface NodeScore {
  readonly node: string;
  readonly total: number;
  readonly isChosen: boolean;
  /** In the order of `scorers`; undefined: the plugin skipped this pod. */
  readonly parts: readonly (ScorePart | undefined)[];
}

export interface ScorePart {
  /** As the plugin gave it, in its own unit. */
  readonly raw: number;
  /** 0..100 */
  readonly normalized: number;
  readonly weighted: number;
}

/** Several nodes share the best total. */
export interface Tie {
  readonly count: number;
  /** The first ones, in the order in which they are counted. */
  readonly examples: readonly string[];
  /** The seeded draw, 0..1; undefined: the lowest name is taken (ties: lowest-name). */
  readonly draw: number | undefined;
  /** Which of them is taken, from 0 in that order. */
  readonly index: number;
}

export interface PreemptionAccount {
  /** Why nobody is preempted, or "". */
  readonly message: string;
  /** Nodes where it would help: the chosen one first, then by name. */
  readonly candidates: readonly PreemptionCandidate[];
  readonly candidateCount: number;
  /** Candidates that are equal to the chosen one under all criteria, itself counted. */
  readonly equalCount: number;
  /** The criterion by which the chosen one beats the others, or "". */
  readonly reason: string;
  /** Node nominated for the pod, or "". */
  readonly nominatedNode: string;
  /** Why it would not help on other nodes. */
  readonly refusals: readonly {
    readonly reason: string;
    readonly count: number;
    readonly examples: readonly string[];
  }[];
}

export interface PreemptionCandidate {
  readonly node: string;
  readonly isChosen: boolean;
  /** Victims that a PodDisruptionBudget protects. */
  readonly budgetViolations: number;
  /** Of the first victim, who has the highest one. */
  readonly highestPriority: number;
  readonly victims: readonly { readonly pod: string; readonly priority: number }[];
}

/** Everything about one node, for --node. */
export interface AskedNode {
  readonly node: string;
  /** chosen | fits | rejected | left-out | unseen | unknown */
  readonly verdict: "chosen" | "fits" | "rejected" | "left-out" | "unseen" | "unknown";
  readonly rejections: readonly { readonly plugin: string; readonly reason: string }[];
  /** Place among the nodes that fit, from 1, and its total; undefined: it was not scored. */
  readonly rank: number | undefined;
  readonly total: number | undefined;
  /** What the pod asks for and what is free there, in cpu milli, bytes, or the resource's own unit. */
  readonly room: readonly {
    readonly resource: string;
    readonly requested: number;
    readonly free: number;
  }[];
}
