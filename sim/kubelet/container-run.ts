/** ContainerRun: what a kubelet knows of one container of a pod: its present run, and its last. */
import { type Container, isSidecar, type Pod } from "../api/index.ts";
import type { Micros, SimEvent } from "../kernel/index.ts";
import type { ContainerAgenda } from "./container-agenda.ts";

export type ContainerPhase =
  /** Its turn has not come. */
  | "waiting"
  /** Its image is being pulled. */
  | "pulling"
  /** It is being created and started. */
  | "starting"
  | "running"
  /** It failed a probe and is told to stop; the pod goes on. */
  | "killing"
  /** It has ended, and will be started again when its back-off is over. */
  | "backoff"
  /** It has ended for good. */
  | "exited";

/** Init containers run one after the other to their end; sidecars start among them and run on. */
export type ContainerRole = "init" | "sidecar" | "main";

/** How a run ended: the state `terminated` of a container. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly reason: string;
  readonly startedUs: Micros;
  readonly finishedUs: Micros;
}

export class ContainerRun {
  /** Place among the pod's init containers and containers. */
  readonly index: number;
  readonly role: ContainerRole;
  phase: ContainerPhase = "waiting";
  /** Runs before this one: restartCount. */
  attempt = 0;
  startedUs: Micros = -1;
  /** Its program listens from then on: stowage.dev/ready-after. */
  answersUs: Micros = -1;
  /** Its startup probe has succeeded; its readiness probe says yes. */
  isStarted = false;
  isReady = false;
  /** How the present run ended; how the one before it did. */
  end: ContainerEnd | undefined = undefined;
  lastEnd: ContainerEnd | undefined = undefined;
  /** Crash loop back-off; undefined: it was never restarted. */
  backOff: { delayUs: Micros; restartedUs: Micros } | undefined = undefined;
  /** What probes and the program will do; undefined: nothing, or only its end. */
  agenda: ContainerAgenda | undefined = undefined;
  /** The next thing that will happen to it. */
  timer: SimEvent | undefined = undefined;

  constructor(index: number, role: ContainerRole) {
    this.index = index;
    this.role = role;
  }

  get isRunning(): boolean {
    return this.phase === "running" || this.phase === "killing";
  }
}

/** The runs of a new pod, init containers first. */
export function containerRuns({ spec }: Pod): ContainerRun[] {
  const { initContainers, containers } = spec;
  if (initContainers === undefined) return containers.map((_, i) => new ContainerRun(i, "main"));
  const runs = initContainers.map(
    (container, i) => new ContainerRun(i, isSidecar(container) ? "sidecar" : "init"),
  );
  for (let i = 0; i < containers.length; i++) runs.push(new ContainerRun(runs.length, "main"));
  return runs;
}

/** The container of a run. */
export function containerOf({ spec }: Pod, { index }: ContainerRun): Container {
  const initCount = spec.initContainers?.length ?? 0;
  const container =
    index < initCount ? spec.initContainers?.[index] : spec.containers[index - initCount];
  if (container === undefined) throw new Error(`the pod has no container ${index}`);
  return container;
}

/**
 * Whether a container that ended with the code is started again
 * (pkg/kubelet/container/helpers.go: ShouldContainerBeRestarted).
 */
export function isRestarted({ spec }: Pod, { role }: ContainerRun, exitCode: number): boolean {
  if (role === "sidecar") return true;
  const { restartPolicy } = spec;
  if (restartPolicy === "Never") return false;
  if (restartPolicy === "OnFailure" || role === "init") return exitCode !== 0;
  return true;
}
