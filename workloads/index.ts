export { type CsvRow, readCsv } from "./csv-file.ts";
export { type ManifestStep, readStep, STEP_VERBS, stepFault } from "./manifests/manifest-step.ts";
export { defaultManifestsSpec, type ManifestsSpec } from "./manifests/manifests-spec.ts";
export { defaultOpenbSpec, type OpenbSpec } from "./openb/openb-spec.ts";
export { openWorkload, parseTraceName, type WorkloadSpec } from "./registry.ts";
export {
  defaultDeploymentGroup,
  defaultJobGroup,
  defaultNodeGroup,
  defaultPodGroup,
  type SyntheticSpec,
} from "./synthetic/synthetic-spec.ts";
export { InputText } from "./text-file.ts";
export type { TimedOperation, Workload } from "./workload.ts";
