/** Run times of Jobs that state none: without one their pods would never finish. Pure. */
import { DURATION_ANNOTATION, type Manifest, type PodTemplateSpec } from "../../sim/api/index.ts";

interface JobLike {
  readonly template?: PodTemplateSpec;
}

/** Whether the pod template of a Job states a run time. */
export function hasDuration(job: Manifest): boolean {
  const template = (job.spec as JobLike | undefined)?.template;
  return template?.metadata?.annotations?.[DURATION_ANNOTATION] !== undefined;
}

/** The Job with `duration` (e.g. `60s`) as the run time of its pods. Makes a new object. */
export function withJobDuration(job: Manifest, duration: string): Manifest {
  const spec = job.spec as JobLike | undefined;
  const template = spec?.template;
  const annotations = { ...template?.metadata?.annotations, [DURATION_ANNOTATION]: duration };
  const metadata = { ...template?.metadata, annotations };
  return { ...job, spec: { ...spec, template: { ...template, metadata } } };
}
