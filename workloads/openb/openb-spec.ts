/** The settings of the openb reader. */

export interface PodSettings {
  /** Images of the pods; each task has one of them, by its name. At least one. */
  readonly images: readonly string[];
  /** Size of every image in bytes; `undefined`: the kubelet's default. */
  readonly imageBytes: number | undefined;
}

export interface OpenbSpec extends PodSettings {
  readonly type: "openb";
  /** Task list; `undefined`: the production list that comes with this package. */
  readonly pods: string | undefined;
  /** Node list; `undefined`: the GPU nodes that come with this package. */
  readonly nodes: string | undefined;
  /** GPUs that the arrivals ask for in all, as a share of the cluster's; `as-is`: each task once. */
  readonly load: number | "as-is";
  /** Arrivals per second of virtual time, evenly spaced, when `timeScale` is not given. */
  readonly rate: number;
  /**
   * Replays the trace's own times, divided by this; `load` and `rate` are then not used, and every
   * pod runs for its time in the trace, divided alike. `undefined`: the study's arrivals, which
   * never leave.
   */
  readonly timeScale: number | undefined;
}

/** The published study's load; the rate and the image are our assumption. */
export const defaultOpenbSpec: OpenbSpec = {
  type: "openb",
  pods: undefined,
  nodes: undefined,
  load: 1.3,
  rate: 1,
  timeScale: undefined,
  images: ["registry.example/openb/task:1.0"],
  imageBytes: undefined,
};
