/** The settings of the manifests reader. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { NodeGroup } from "../synthetic/synthetic-spec.ts";
import type { ManifestStep } from "./manifest-step.ts";

export interface ManifestsSpec {
  readonly type: "manifests";
  /** Files with Nodes only: they are there at time 0. `-` is the standard input. */
  readonly nodes: readonly string[];
  /** Made-up nodes, there at time 0 as well, after those of the files. */
  readonly nodeGroups: readonly NodeGroup[];
  /** Files with objects of any kind, applied one after another. `-` is the standard input. */
  readonly manifests: readonly string[];
  /** What users do at set times. */
  readonly steps: readonly ManifestStep[];
  /** From one object to the next, as kubectl sends them. */
  readonly gapUs: Micros;
  /** Run time of a Job's pods whose template states none. */
  readonly jobDurationUs: Micros;
}

/** Both times are our assumption. */
export const defaultManifestsSpec: ManifestsSpec = {
  type: "manifests",
  nodes: [],
  nodeGroups: [],
  manifests: [],
  steps: [],
  gapUs: 1_000,
  jobDurationUs: 60_000_000,
};
