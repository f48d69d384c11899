/** What a controller of the kube-controller-manager is, and what it is handed when it is made. */
import type { ApiObject, Trace } from "../api/index.ts";
import type { ApiClient, ClientHub, EventRecorder, SharedInformer } from "../client/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import type { ControllerManagerOptions } from "../options/index.ts";

export interface Controller {
  /** Starts the workers: once the informers have synced. */
  run(): void;
}

/** The heartbeats of nodes, as far as they reached the API server: a closed form, no objects. */
export interface NodeHeartbeats {
  /** The last renewal of the node's Lease, in microseconds; undefined: there was none. */
  lastRenewUs(node: string): Micros | undefined;
  /** Whether no renewal comes any more. */
  isSilent(node: string): boolean;
  /** Calls `listener` when the heartbeats of a node stop or go on. Register it when wiring. */
  onHeartbeatChange(listener: (node: string) => void): void;
}

export interface ControllerContext {
  readonly kernel: Kernel;
  readonly trace: Trace;
  /** Absent: no node ever falls silent. */
  readonly heartbeats?: NodeHeartbeats;
  readonly clients: ClientHub;
  readonly options: ControllerManagerOptions;
  /** Distributions of durations. */
  readonly latency: { readonly controllerSync: string; readonly volumeProvision: string };
  /** The informer of a kind that all controllers share. */
  informer<T extends ApiObject>(kind: string): SharedInformer<T>;
  /** A clientset of the controller's own, with the rate limit of its name (options/clients.ts). */
  client(name: string): ApiClient;
  /** Writes Events about what the controller does, through this client; silent when they are off. */
  events(client: ApiClient, component: string): EventRecorder;
}

/** Controllers register all their handlers and states in their constructor, and nothing later. */
export type ControllerClass = new (context: ControllerContext) => Controller;
