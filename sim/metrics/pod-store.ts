/** What the metrics pipeline must know of the cluster's truth. The store (etcd) implements it. */
import type { KeyRecord, WatchEntry } from "../api/index.ts";

export interface PodStore {
  /** Records of all existing objects of a kind, by key. */
  list(kind: string): KeyRecord[];
  find(kind: string, key: string): KeyRecord | undefined;
  /** Calls `listener` at each commit of this kind. Register it when wiring. */
  observe(kind: string, listener: (entry: WatchEntry) => void): void;
}

/** Busy time of pods: what the network knows of the requests that they serve. */
export interface PodWork {
  /**
   * How many requests the pod served at one time, on average over the window; undefined: it is
   * behind no Service that is sent any, so that this says nothing about its usage.
   */
  requestsInService(key: string, fromUs: number, toUs: number): number | undefined;
}
