/** PodInfo: a pod as the scheduler sees it, with what plugins need parsed once. Immutable. */
import type { KeyRecord, Pod } from "../../api/index.ts";

export interface HostPort {
  readonly protocol: string;
  readonly hostIP: string;
  readonly hostPort: number;
}

export interface PodInfo {
  readonly record: KeyRecord<Pod>;
  readonly pod: Pod;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  /**
   * What the pod requests, by resource number (see ResourceTable: 0 cpu in milli-CPU, 1 memory in
   * bytes, 2 ephemeral-storage in bytes, then extended resources in their own unit), as
   * NodeResourcesFit's filter counts it. Shorter than the table when the last ones are 0.
   */
  readonly requests: readonly number[];
  /** Requests with kube-scheduler's defaults (100 milli-CPU, 200 MiB) for containers that ask for none, as an incoming pod. */
  readonly nonZeroCpuMilli: number;
  readonly nonZeroMemoryBytes: number;
  /** The same as a bound pod adds it to its node (differs with sidecars: pitfalls of the reference, NonZeroRequested). */
  readonly boundNonZeroCpuMilli: number;
  readonly boundNonZeroMemoryBytes: number;
  readonly hostPorts: readonly HostPort[];
  /** Normalised image names (with tag) of containers, then of init containers, in order, with repetitions. */
  readonly images: readonly string[];
}
