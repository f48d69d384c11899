/**
 * What the network must know of pods: the truth on their nodes, which is ahead of the API's. The
 * kubelets implement it; a packet that reaches a node meets the containers that run there, whatever
 * proxies elsewhere still believe.
 */
import type { KeyRecord, Pod } from "../../api/index.ts";

export interface PodLiveness {
  /** Whether the pod's programs run and listen (stowage.dev/ready-after), so that a connection to it is accepted. */
  isRunning(record: KeyRecord<Pod>): boolean;
  /** Whether packets to the node get lost: the machine is down or cut off. By the node's name. */
  isUnreachable(nodeName: string): boolean;
  /** Whether `isUnreachable` is true of any node: most runs have none, and need not ask. */
  readonly isAnyUnreachable: boolean;
  /** Calls `listener` when a pod's containers have ended. Register it when wiring. */
  onEnded(listener: (record: KeyRecord<Pod>) => void): void;
  /**
   * Calls `listener` when the signal to stop (SIGTERM) has been sent to a pod's containers: after
   * their preStop hooks. Register it when wiring.
   */
  onStopping(listener: (record: KeyRecord<Pod>) => void): void;
}

/** Finds the record of an existing object by its key. */
export interface RecordFinder {
  find(kind: string, key: string): KeyRecord | undefined;
}
