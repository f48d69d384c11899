/**
 * ContainerAgenda: what will happen to a running container by itself, worked out once when it
 * starts: its probes change their mind, it is killed for failing one, it ends.
 */
import {
  annotatedSpanUs,
  type Container,
  type ContainerAttempt,
  DURATION_ANNOTATION,
  HANG_AT_ANNOTATION,
  type Pod,
  UNREADY_AT_ANNOTATION,
  UNREADY_FOR_ANNOTATION,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { type Answering, probeFlips } from "./probe-schedule.ts";

export type AgendaItem =
  | { readonly what: "started" | "ready" | "unready" | "exit"; readonly atUs: Micros }
  /** The probe failed: the container is killed. A program that hangs does not hear a signal. */
  | {
      readonly what: "kill";
      readonly atUs: Micros;
      readonly probe: "startup" | "liveness";
      readonly isHung: boolean;
    };

export interface ContainerAgenda {
  readonly items: readonly AgendaItem[];
  /** The next item. */
  next: number;
}

/** How the program behaves in this run; times are absolute, Infinity: never. */
export interface ProgramRun {
  readonly answersUs: Micros;
  readonly unreadyUs: Micros;
  readonly readyAgainUs: Micros;
  readonly hangsUs: Micros;
  readonly exitsUs: Micros;
}

const NEVER = Number.POSITIVE_INFINITY;

/** How long the program of a container runs: where nothing is stated `defaultUs`. */
export function runTimeUs(
  { metadata }: Pod,
  container: ContainerAttempt,
  defaultUs: Micros,
): Micros {
  return annotatedSpanUs(metadata.annotations, DURATION_ANNOTATION, container) ?? defaultUs;
}

/** What the annotations say of the run that begins at `startedUs`. */
export function programRun(
  pod: Pod,
  container: ContainerAttempt,
  startedUs: Micros,
  readyAfterUs: Micros,
): ProgramRun {
  const { annotations } = pod.metadata;
  const span = (name: string): Micros => annotatedSpanUs(annotations, name, container) ?? NEVER;
  const unreadyUs = startedUs + span(UNREADY_AT_ANNOTATION);
  return {
    answersUs: startedUs + readyAfterUs,
    unreadyUs,
    readyAgainUs: unreadyUs + span(UNREADY_FOR_ANNOTATION),
    hangsUs: startedUs + span(HANG_AT_ANNOTATION),
    exitsUs: startedUs + runTimeUs(pod, container, NEVER),
  };
}

/** Whether the container has a probe. */
export function isProbed({ startupProbe, livenessProbe, readinessProbe }: Container): boolean {
  return startupProbe !== undefined || livenessProbe !== undefined || readinessProbe !== undefined;
}

/**
 * The agenda of a container that starts at `startedUs` on a pod that its kubelet saw at `gridUs`:
 * in order of time, up to its end.
 */
export function containerAgenda(
  { startupProbe, livenessProbe, readinessProbe }: Container,
  program: ProgramRun,
  startedUs: Micros,
  gridUs: Micros,
): AgendaItem[] {
  const items: AgendaItem[] = [];
  const window = { gridUs, startedUs, fromUs: startedUs, isImmediate: false };
  const alive = aliveAnswers(program);
  let isUpUs = startedUs;
  if (startupProbe !== undefined) {
    const up = startOutcome({ ...window, probe: startupProbe }, alive, program);
    isUpUs = up.what === "started" ? up.atUs : NEVER;
    items.push(up);
  }
  if (isUpUs < NEVER) {
    const later = { ...window, fromUs: isUpUs };
    if (livenessProbe !== undefined) {
      const flips = probeFlips({ ...later, probe: livenessProbe }, alive, true);
      const failure = flips.find(({ isGood }) => !isGood);
      if (failure !== undefined) items.push(killedBy("liveness", failure.atUs, program));
    }
    if (readinessProbe !== undefined) {
      const schedule = { ...later, isImmediate: true, probe: readinessProbe };
      for (const { atUs, isGood } of probeFlips(schedule, readyAnswers(program), false)) {
        items.push({ what: isGood ? "ready" : "unready", atUs });
      }
    }
  }
  items.push({ what: "exit", atUs: program.exitsUs });
  return untilTheEnd(items);
}

/** The startup probe succeeds, or fails too often: whichever comes first. */
function startOutcome(
  schedule: Parameters<typeof probeFlips>[0],
  answers: readonly Answering[],
  program: ProgramRun,
): AgendaItem {
  const success = probeFlips(schedule, answers, false)[0]?.atUs ?? NEVER;
  const failure = probeFlips(schedule, answers, true)[0]?.atUs ?? NEVER;
  if (success <= failure) return { what: "started", atUs: success };
  return killedBy("startup", failure, program);
}

function killedBy(
  probe: "startup" | "liveness",
  atUs: Micros,
  { hangsUs }: ProgramRun,
): AgendaItem {
  return { what: "kill", atUs, probe, isHung: atUs > hangsUs };
}

/** Sorted, and nothing after the first that ends the container; what never happens is left out. */
function untilTheEnd(items: readonly AgendaItem[]): AgendaItem[] {
  const sorted = items
    .map((item, order) => ({ item, order }))
    .filter(({ item }) => item.atUs < NEVER)
    .sort((a, b) => a.item.atUs - b.item.atUs || a.order - b.order)
    .map(({ item }) => item);
  const end = sorted.findIndex(({ what }) => what === "kill" || what === "exit");
  return end < 0 ? sorted : sorted.slice(0, end + 1);
}

/** When startup and liveness probes are answered. */
function aliveAnswers({ answersUs, hangsUs }: ProgramRun): Answering[] {
  return answering([
    [0, false],
    [answersUs, true],
    [hangsUs, false, true],
  ]);
}

/** When readiness probes are answered. */
function readyAnswers({ answersUs, unreadyUs, readyAgainUs, hangsUs }: ProgramRun): Answering[] {
  return answering([
    [0, false],
    [answersUs, true],
    [Math.max(answersUs, unreadyUs), false],
    [Math.max(answersUs, readyAgainUs), true],
    [hangsUs, false, true],
  ]);
}

type Entry = readonly [fromUs: Micros, isGood: boolean, isHung?: boolean];

/** Entries up to the one that hangs, without those that never begin. */
function answering(entries: readonly Entry[]): Answering[] {
  const hung = entries.at(-1);
  const hangsUs = hung?.[0] ?? NEVER;
  const before = entries.slice(0, -1).filter(([fromUs]) => fromUs < hangsUs);
  if (hung !== undefined && hangsUs < NEVER) before.push(hung);
  return before
    .filter(([fromUs]) => fromUs < NEVER)
    .map(([fromUs, isGood, isHung = false]) => ({ fromUs, isGood, isHung }));
}
