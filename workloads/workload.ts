/**
 * What a workload is: the objects that a cluster starts with, and the API operations that its users
 * send, each at its virtual time.
 */
import type { Manifest } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import type { Operation } from "../sim/users/index.ts";

/**
 * One thing that a user of the cluster does, and when. Its object belongs to the receiver; treat it
 * as immutable, since several runs may be handed the same one. A pod's run time is its annotation
 * `stowage.dev/duration`.
 */
export type TimedOperation = Operation & {
  /** When the user does it. */
  readonly timeUs: Micros;
};

/** A file that a workload was read from, for the record of a run. */
export interface InputFile {
  /** As the user wrote it; the bare name of a file that comes with this package. */
  readonly path: string;
  /** SHA-256 of the bytes as stored (compressed, if they are), in hexadecimal. */
  readonly sha256: string;
}

export interface Workload {
  /** Name of its reader: `openb`, `manifests`, `synthetic`. */
  readonly name: string;
  /**
   * What is there at time 0 without anybody asking for it: Nodes, registered and ready, and the
   * Namespaces that the reader puts its objects in.
   */
  readonly initialObjects: readonly Manifest[];
  /** Every file that it reads. */
  readonly inputs: readonly InputFile[];
  /** About how many operations there will be, for a progress bar. `undefined`: not known. */
  readonly expectedOperations: number | undefined;
  /**
   * All operations in time order (equal times in the order in which they are to be sent), read as
   * they are asked for: a trace of any length takes bounded memory. Each call starts anew, and the
   * same seed gives the same operations. Throws InputError at the first place that is wrong.
   */
  operations(seed: string): AsyncIterable<TimedOperation>;
}

/** What a reader is told besides its own settings. */
export interface WorkloadContext {
  /** Folder that relative paths start from: that of the experiment file, or the working directory. */
  readonly baseDirectory: string;
  /** Told, once each, what the reader did on its own account: "namespace x is created ...". */
  readonly notice: (text: string) => void;
}
