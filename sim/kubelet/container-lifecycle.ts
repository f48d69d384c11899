/**
 * ContainerLifecycle: what becomes of one container: image, creation and start, its agenda of
 * probes and end, and its restarts (pkg/kubelet/kuberuntime: kuberuntime_manager.go, v1.30).
 */
import {
  annotatedExitCodeOf,
  annotatedText,
  type Container,
  type ContainerAttempt,
  changesAfter,
  controllerOf,
  parseSpans,
  READY_AFTER_ANNOTATION,
} from "../api/index.ts";
import type { EventRecorder } from "../client/index.ts";
import { type HandlerId, HopLatency, type Kernel, type Micros } from "../kernel/index.ts";
import {
  type AgendaItem,
  containerAgenda,
  isProbed,
  programRun,
  runTimeUs,
} from "./container-agenda.ts";
import { type ContainerRun, containerOf, isRestarted } from "./container-run.ts";
import { type BackOffLimits, backOffUs, noteRestart } from "./crash-loop-backoff.ts";
import type { ImagePuller } from "./image-puller.ts";
import type { PodWorker } from "./pod-worker.ts";
import { preStopUs, stopping } from "./termination.ts";

/** Exit code of a container that had to be killed: 128 + SIGKILL. */
export const KILLED = 137;
/** Exit code of a container that the signal to stop has ended: 128 + SIGTERM. */
export const TERMINATED = 143;

const SECOND_US = 1_000_000;

/** The pod that the containers belong to. */
export interface ContainerHost {
  /** The container runs. */
  onStarted(worker: PodWorker, run: ContainerRun): void;
  /** A probe has changed its mind. */
  onProbed(worker: PodWorker, run: ContainerRun): void;
  /** The container has ended; `isOver`: for good. */
  onEnded(worker: PodWorker, run: ContainerRun, isOver: boolean): void;
}

export interface ContainerLifecycleSettings {
  readonly kernel: Kernel;
  readonly events: EventRecorder;
  readonly puller: ImagePuller;
  readonly containerStart: string;
  readonly containerStop: HopLatency;
  readonly backOff: BackOffLimits;
  readonly host: ContainerHost;
}

export class ContainerLifecycle {
  readonly #kernel: Kernel;
  readonly #events: EventRecorder;
  readonly #puller: ImagePuller;
  readonly #backOff: BackOffLimits;
  readonly #host: ContainerHost;
  readonly #containerStart: HopLatency;
  readonly #containerStop: HopLatency;
  readonly #started: HandlerId<PodWorker, ContainerRun>;
  readonly #exited: HandlerId<PodWorker, ContainerRun>;
  readonly #due: HandlerId<PodWorker, ContainerRun>;
  readonly #killed: HandlerId<PodWorker, KilledRun>;
  readonly #restart: HandlerId<PodWorker, ContainerRun>;
  /** Distributions of stowage.dev/ready-after, by their text: made of it alone. */
  readonly #readyAfter = new Map<string, HopLatency>();

  constructor(settings: ContainerLifecycleSettings) {
    const { kernel, events, puller, containerStart, containerStop, backOff, host } = settings;
    this.#kernel = kernel;
    this.#events = events;
    this.#puller = puller;
    this.#backOff = backOff;
    this.#host = host;
    this.#containerStart = new HopLatency(kernel.seed, containerStart, "latency.containerStart");
    this.#containerStop = containerStop;
    this.#started = kernel.handler("kubelet/container-started", (w, run) => this.#onStart(w, run));
    this.#exited = kernel.handler("kubelet/container-exited", (w, run) => this.#onExit(w, run));
    this.#due = kernel.handler("kubelet/container-agenda", (w, run) => this.#onDue(w, run));
    this.#killed = kernel.handler("kubelet/container-killed", (w, { run, exitCode }) =>
      this.#ended(w, run, exitCode, "Error"),
    );
    this.#restart = kernel.handler("kubelet/container-restart", (w, run) => this.#relaunch(w, run));
  }

  /** Gets the image if it has to, then creates and starts the container. */
  launch(worker: PodWorker, run: ContainerRun): void {
    const container = containerOf(worker.pod, run);
    if (!this.#puller.needsPull(worker, container)) return this.#start(worker, run);
    run.phase = "pulling";
    this.#puller.pull(worker, run, container);
  }

  /** The image is there. */
  pulled(worker: PodWorker, run: ContainerRun, image: string): void {
    if (run.phase !== "pulling") return; // its pod was told to stop while it waited
    this.#events.event(worker.pod, "Normal", "Pulled", `Successfully pulled image "${image}"`);
    this.#start(worker, run);
  }

  /** Nothing happens to the pod's containers by itself any more. */
  cancelAll({ runs }: PodWorker): void {
    for (const run of runs) {
      this.#cancel(run);
      if (run.phase === "pulling") run.phase = "waiting";
    }
  }

  /** Notes that the container has ended, whatever comes then. */
  note(run: ContainerRun, exitCode: number, reason: string): void {
    this.#cancel(run);
    run.end = { exitCode, reason, startedUs: run.startedUs, finishedUs: this.#kernel.nowUs };
    run.phase = "exited";
    run.isStarted = false;
    run.isReady = false;
    run.agenda = undefined;
  }

  #start(worker: PodWorker, run: ContainerRun): void {
    run.phase = "starting";
    const delayUs = this.#containerStart.us(worker.record.hash, worker.drawCount++);
    this.#schedule(worker, run, delayUs, this.#started, run.attempt > 0);
  }

  #onStart(worker: PodWorker, run: ContainerRun): void {
    run.timer = undefined;
    run.phase = "running";
    run.startedUs = this.#kernel.nowUs;
    run.lastEnd = run.end;
    run.end = undefined;
    const { pod } = worker;
    const container = containerOf(pod, run);
    const readyAfterUs = this.#readyAfterUs(worker, attemptOf(container, run));
    run.answersUs = run.startedUs + readyAfterUs;
    if (run.role !== "init" && isProbed(container)) {
      this.#plan(worker, run, container);
      return this.#host.onStarted(worker, run);
    }
    run.isStarted = true;
    run.isReady = true;
    // Our assumption: an init container is over at once, all others run until they are stopped.
    const defaultUs = run.role === "init" ? 0 : Number.POSITIVE_INFINITY;
    const lifeUs = runTimeUs(pod, attemptOf(container, run), defaultUs);
    if (run.role === "init" && lifeUs === 0) return this.#onExit(worker, run);
    this.#host.onStarted(worker, run);
    if (lifeUs < Number.POSITIVE_INFINITY && run.phase === "running") {
      this.#schedule(worker, run, lifeUs, this.#exited, true);
    }
  }

  #plan(worker: PodWorker, run: ContainerRun, container: Container): void {
    const attempt = attemptOf(container, run);
    const readyAfterUs = run.answersUs - run.startedUs;
    const program = programRun(worker.pod, attempt, run.startedUs, readyAfterUs);
    run.isStarted = container.startupProbe === undefined;
    run.isReady = run.isStarted && container.readinessProbe === undefined;
    const items = containerAgenda(container, program, run.startedUs, worker.observedUs);
    run.agenda = { items, next: 0 };
    const isNow = (item: AgendaItem | undefined): boolean =>
      item?.what === "ready" && item.atUs === run.startedUs;
    while (isNow(this.#nextItem(run))) this.#take(run, container);
    this.#await(worker, run);
  }

  #nextItem({ agenda }: ContainerRun): AgendaItem | undefined {
    return agenda?.items[agenda.next];
  }

  /** The next item of the agenda, which is a probe's news, comes true. */
  #take(run: ContainerRun, { readinessProbe }: Container): void {
    const item = this.#nextItem(run);
    if (item === undefined || run.agenda === undefined) return;
    run.agenda.next++;
    if (item.what === "started") run.isStarted = true;
    run.isReady = item.what === "started" ? readinessProbe === undefined : item.what === "ready";
  }

  #await(worker: PodWorker, run: ContainerRun): void {
    const item = this.#nextItem(run);
    if (item === undefined) return;
    const isEnd = item.what === "exit" || item.what === "kill";
    const delayUs = item.atUs - this.#kernel.nowUs;
    this.#schedule(worker, run, delayUs, this.#due, isEnd || run.attempt > 0);
  }

  #onDue(worker: PodWorker, run: ContainerRun): void {
    run.timer = undefined;
    const item = this.#nextItem(run);
    if (item?.what === "exit") return this.#onExit(worker, run);
    if (item?.what === "kill") return this.#kill(worker, run, item);
    this.#take(run, containerOf(worker.pod, run));
    this.#await(worker, run);
    this.#host.onProbed(worker, run);
  }

  /** A failed probe: the container is stopped, and its restart policy says what comes then. */
  #kill(worker: PodWorker, run: ContainerRun, item: AgendaItem & { what: "kill" }): void {
    const { pod, record } = worker;
    const container = containerOf(pod, run);
    const text = `Container ${container.name} failed ${item.probe} probe, will be restarted`;
    this.#events.event(pod, "Normal", "Killing", text);
    run.phase = "killing";
    run.isReady = false;
    const probe = item.probe === "liveness" ? container.livenessProbe : container.startupProbe;
    const graceSeconds =
      probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    const stopUs = item.isHung
      ? Number.POSITIVE_INFINITY
      : this.#containerStop.us(record.hash, worker.drawCount++);
    const { afterUs, isKilled } = stopping(preStopUs(container), stopUs, graceSeconds * SECOND_US);
    const exitCode = isKilled ? KILLED : TERMINATED;
    run.timer = this.#kernel.after(afterUs, this.#killed, worker, { run, exitCode });
  }

  #onExit(worker: PodWorker, run: ContainerRun): void {
    const attempt = attemptOf(containerOf(worker.pod, run), run);
    const exitCode = annotatedExitCodeOf(worker.pod.metadata.annotations, attempt);
    this.#ended(worker, run, exitCode, exitCode === 0 ? "Completed" : "Error");
  }

  #ended(worker: PodWorker, run: ContainerRun, exitCode: number, reason: string): void {
    this.note(run, exitCode, reason);
    const isOver = !isRestarted(worker.pod, run, exitCode);
    if (isOver) return this.#host.onEnded(worker, run, true);
    const { nowUs } = this.#kernel;
    const waitUs = run.backOff === undefined ? 0 : backOffUs(run.backOff, nowUs, this.#backOff);
    run.phase = "backoff";
    if (waitUs > 0) this.#schedule(worker, run, waitUs, this.#restart, true);
    this.#host.onEnded(worker, run, false);
    if (waitUs === 0) return this.#relaunch(worker, run);
    const { name } = containerOf(worker.pod, run);
    const text = `Back-off restarting failed container ${name} in pod ${worker.record.name}`;
    this.#events.event(worker.pod, "Warning", "BackOff", text);
  }

  #relaunch(worker: PodWorker, run: ContainerRun): void {
    run.timer = undefined;
    run.backOff ??= { delayUs: 0, restartedUs: 0 };
    const { nowUs } = this.#kernel;
    noteRestart(run.backOff, run.end?.finishedUs ?? nowUs, nowUs, this.#backOff);
    run.attempt++;
    this.launch(worker, run);
  }

  /**
   * Schedules what comes next for the container. What would go on for ever, a crash loop that
   * nothing ends, does not keep the run alive; `mayBeEndless`: the event may be part of one.
   */
  #schedule(
    worker: PodWorker,
    run: ContainerRun,
    delayUs: Micros,
    handler: HandlerId<PodWorker, ContainerRun>,
    mayBeEndless: boolean,
  ): void {
    const kernel = this.#kernel;
    run.timer =
      mayBeEndless && isEndless(worker, run)
        ? kernel.background(kernel.nowUs + delayUs, handler, worker, run)
        : kernel.after(delayUs, handler, worker, run);
  }

  #cancel(run: ContainerRun): void {
    if (run.timer !== undefined) this.#kernel.cancel(run.timer);
    run.timer = undefined;
  }

  /** `stowage.dev/ready-after`: spans, or a distribution. */
  #readyAfterUs({ pod, record }: PodWorker, attempt: ContainerAttempt): Micros {
    const text = annotatedText(pod.metadata.annotations, READY_AFTER_ANNOTATION, attempt);
    if (text === undefined) return 0;
    const spans = parseSpans(text);
    if (spans !== undefined) return spans[Math.min(attempt.attempt, spans.length - 1)] ?? 0;
    let latency = this.#readyAfter.get(text);
    if (latency === undefined) {
      const where = `${record.key}: ${READY_AFTER_ANNOTATION}`;
      latency = new HopLatency(this.#kernel.seed, text, where, READY_AFTER_ANNOTATION);
      this.#readyAfter.set(text, latency);
    }
    return latency.us(record.hash, attempt.attempt);
  }
}

interface KilledRun {
  readonly run: ContainerRun;
  readonly exitCode: number;
}

function attemptOf({ name }: Container, { attempt, role }: ContainerRun): ContainerAttempt {
  return { name, attempt, isInit: role !== "main" };
}

/**
 * Whether the container's runs repeat for ever: it is always restarted, no later attempt is stated
 * to go another way, and no Job counts its failures.
 */
function isEndless({ pod }: PodWorker, run: ContainerRun): boolean {
  const attempt = attemptOf(containerOf(pod, run), run);
  const { annotations } = pod.metadata;
  if (!isRestarted(pod, run, annotatedExitCodeOf(annotations, attempt))) return false;
  if (changesAfter(annotations, attempt)) return false;
  return pod.spec.restartPolicy !== "OnFailure" || controllerOf(pod) === undefined;
}
