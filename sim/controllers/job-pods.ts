/** The pods that a Job makes, and those that it gives up. Source: manageJob in pkg/controller/job/job_controller.go of v1.30. */
import {
  type Container,
  type Job,
  type Manifest,
  type Pod,
  type PodTemplateSpec,
  withFields,
} from "../api/index.ts";
import { isIndexed, TRACKING_FINALIZER } from "./job-count.ts";
import { failureAnnotations } from "./job-index-failures.ts";
import { COMPLETION_INDEX, completionIndex } from "./job-indexes.ts";
import { compareActive } from "./pod-ranking.ts";
import { podFromTemplate } from "./pod-template.ts";

const INDEX_ENVIRONMENT = "JOB_COMPLETION_INDEX";
/** generateName is cut so that the suffix fits into a name of 63 characters. */
const PREFIX_MAX = 58;

/**
 * The next pod; `index` -1 for a Job that is not Indexed. `replaced` is the failed pod of the index
 * whose failures it takes over.
 */
export function jobPod(job: Job, index: number, replaced?: Pod): Manifest {
  const { template } = job.spec;
  const finalizers = [...(template.metadata?.finalizers ?? []), TRACKING_FINALIZER];
  const metadata = withFields(template.metadata ?? {}, { finalizers });
  const tracked = withFields(template, { metadata });
  if (index < 0) return podFromTemplate(tracked, job);
  const { name } = job.metadata;
  const mark = { [COMPLETION_INDEX]: String(index) };
  const { labels, annotations } = template.metadata ?? {};
  const spec = template.spec ?? { containers: [] };
  const { containers, initContainers } = spec;
  const indexed: PodTemplateSpec = {
    metadata: {
      ...tracked.metadata,
      labels: { ...labels, ...mark },
      annotations: {
        ...annotations,
        ...mark,
        ...(job.spec.backoffLimitPerIndex === undefined ? {} : failureAnnotations(job, replaced)),
      },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: containers.map(withIndex),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndex) }),
    },
  };
  const suffix = `-${index}-`;
  return podFromTemplate(indexed, job, `${name.slice(0, PREFIX_MAX - suffix.length)}${suffix}`);
}

/** The container learns its pod's index from its environment. */
function withIndex(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === INDEX_ENVIRONMENT)) return container;
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  return {
    ...container,
    env: [...env, { name: INDEX_ENVIRONMENT, valueFrom: { fieldRef: { fieldPath } } }],
  };
}

/**
 * Active pods that go: those of an Indexed Job whose index is wrong or taken by an older one, and
 * then as many as it takes to make `atLeast` (activePodsForRemoval).
 */
export function podsForRemoval(job: Job, active: readonly Pod[], atLeast: number): Pod[] {
  const leaving: Pod[] = [];
  if (atLeast === 0 && !isIndexed(job)) return leaving;
  let left = [...active].sort(compareActive);
  if (isIndexed(job)) {
    const best = new Map<number, Pod>();
    const { completions = 0 } = job.spec;
    // The last in the order of removal is the one to keep for its index.
    for (const pod of left) best.set(completionIndex(pod, completions), pod);
    best.delete(-1);
    const kept = new Set(best.values());
    leaving.push(...left.filter((pod) => !kept.has(pod)));
    left = left.filter((pod) => kept.has(pod));
  }
  return leaving.length < atLeast
    ? [...leaving, ...left.slice(0, atLeast - leaving.length)]
    : leaving;
}
