/**
 * Job. Source: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation and
 * pkg/registry/batch/job/strategy.go (the generated selector) of v1.30.
 */
import { duplicate, invalid } from "../field-error.ts";
import type { FieldTypes } from "../field-types.ts";
import { defaultPodFailurePolicy } from "../job-spec-defaults.ts";
import { validateJobSpec } from "../job-spec-validation.ts";
import type { FieldError, Kind } from "../kind.ts";
import { compileLabelSelector } from "../label-selector.ts";
import { validateLabelSelector } from "../label-selector-validation.ts";
import { timestampUs, withGeneration } from "../metadata.ts";
import { labelError } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { Job, ObjectMeta, PodTemplateSpec } from "../objects.ts";
import { defaultPodTemplate } from "../pod-spec-defaults.ts";
import { AGE, humanDuration } from "../printer-text.ts";
import { templateMismatch, validateImmutable, validateSelectorUpdate } from "../replicated-pods.ts";
import { validateCounts } from "../status-validation.ts";
import { withFields } from "../with-fields.ts";

type Uncounted = NonNullable<Job["status"]["uncountedTerminatedPods"]>;

const CONTROLLER_UID = "batch.kubernetes.io/controller-uid";

const COUNTS = ["active", "succeeded", "failed", "ready", "terminating"];

const REST = [
  "activeDeadlineSeconds",
  "ttlSecondsAfterFinished",
  "podFailurePolicy",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
  "successPolicy",
  "managedBy",
  "manualSelector",
] as const;

const IMMUTABLE = [
  "completionMode",
  "podFailurePolicy",
  "backoffLimitPerIndex",
  "managedBy",
  "successPolicy",
] as const;

/** The types of a Job's spec, which a CronJob's template has too. */
export const JOB_SPEC_TYPES: FieldTypes = {
  JobSpec:
    "activeDeadlineSeconds:int backoffLimit:int backoffLimitPerIndex:int completionMode completions:int ~managedBy manualSelector:bool maxFailedIndexes:int parallelism:int podFailurePolicy:PodFailurePolicy podReplacementPolicy selector:LabelSelector(atomic) successPolicy:SuccessPolicy suspend:bool template:PodTemplateSpec ttlSecondsAfterFinished:int",
  PodFailurePolicy: "rules:PodFailurePolicyRule[]",
  PodFailurePolicyRule:
    "action onExitCodes:PodFailurePolicyOnExitCodes onPodConditions:PodFailurePolicyOnPodCondition[]",
  PodFailurePolicyOnExitCodes: "containerName operator values:int[]",
  PodFailurePolicyOnPodCondition: "type status",
  SuccessPolicy: "rules:SuccessPolicyRule[]",
  SuccessPolicyRule: "succeededCount:int succeededIndexes",
};

export const jobKind: Kind<Job> = {
  kind: "Job",
  apiVersion: "batch/v1",
  resource: "jobs",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    Job: "apiVersion kind metadata:ObjectMeta spec:JobSpec status:JobStatus",
    JobStatus:
      "active:int completedIndexes completionTime conditions:Condition[type] failed:int failedIndexes ready:int startTime succeeded:int terminating:int uncountedTerminatedPods:any",
    ...JOB_SPEC_TYPES,
  },

  /** Without manualSelector the selector and the pods' labels come from the Job's uid and name. */
  defaults(given) {
    const spec = (given.spec ?? {}) as Partial<Job["spec"]>;
    const template = defaultPodTemplate(spec.template);
    const isManual = spec.manualSelector === true;
    const runsToEnd = spec.completions === undefined && spec.parallelism === undefined;
    const completions = runsToEnd ? 1 : spec.completions;
    const failurePolicy = spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
    const defaulted: Job["spec"] = {
      parallelism: spec.parallelism ?? 1,
      backoffLimit:
        spec.backoffLimit ?? (spec.backoffLimitPerIndex === undefined ? 6 : 2_147_483_647),
      completionMode: spec.completionMode ?? "NonIndexed",
      suspend: spec.suspend ?? false,
      podReplacementPolicy: spec.podReplacementPolicy ?? failurePolicy,
      template: isManual ? template : labelled(template, given.metadata),
      selector: isManual
        ? (spec.selector ?? {})
        : { matchLabels: { [CONTROLLER_UID]: given.metadata.uid } },
    };
    if (completions !== undefined) defaulted.completions = completions;
    for (const name of REST) {
      const value = spec[name];
      if (value !== undefined) (defaulted as unknown as Record<string, unknown>)[name] = value;
    }
    if (spec.podFailurePolicy !== undefined)
      defaulted.podFailurePolicy = defaultPodFailurePolicy(spec.podFailurePolicy);
    return {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: withGeneration(given.metadata),
      spec: defaulted,
      status: (given.status ?? {}) as Job["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validateJobSpec(spec, "spec", errors);
    validateSelected(spec, errors);
    validateHostname(metadata.name, spec, errors);
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    validateCompletionsUpdate(object.spec, old.spec, errors);
    validateSelectorUpdate(object.spec.selector ?? {}, old.spec.selector ?? {}, errors);
    const template = comparableTemplate(object, old);
    validateImmutable(object.spec.template, template, "spec.template", errors);
    for (const field of IMMUTABLE) {
      validateImmutable(object.spec[field], old.spec[field], `spec.${field}`, errors);
    }
    return errors;
  },

  validateStatusUpdate({ status }) {
    const errors: FieldError[] = [];
    validateCounts(status, COUNTS, errors);
    if (status.uncountedTerminatedPods !== undefined)
      validateUncounted(status.uncountedTerminatedPods, errors);
    return errors;
  },

  printerColumns: [
    { name: "STATUS", value: statusText },
    { name: "COMPLETIONS", value: completionsText },
    {
      name: "DURATION",
      value: ({ status }, nowUs) => {
        if (status.startTime === undefined) return "";
        const endUs =
          status.completionTime === undefined ? nowUs : timestampUs(status.completionTime);
        return humanDuration(endUs - timestampUs(status.startTime));
      },
    },
    AGE,
  ],
};

function labelled(template: PodTemplateSpec, { name, uid }: Readonly<ObjectMeta>): PodTemplateSpec {
  const labels = withFields(template.metadata?.labels ?? {}, {
    [CONTROLLER_UID]: uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  });
  return withFields(template, { metadata: withFields(template.metadata ?? {}, { labels }) });
}

function validateSelected(spec: Job["spec"], errors: FieldError[]): void {
  const before = errors.length;
  validateLabelSelector(spec.selector, "spec.selector", errors);
  if (errors.length > before) return;
  const labels = spec.template.metadata?.labels;
  if (spec.manualSelector === true && !compileLabelSelector(spec.selector).matches(labels)) {
    errors.push(templateMismatch(labels));
  }
}

/** The pods of an Indexed Job have their index in their hostname. */
function validateHostname(name: string, spec: Job["spec"], errors: FieldError[]): void {
  const { completionMode, completions = 0 } = spec;
  if (completionMode !== "Indexed" || completions <= 0) return;
  const hostname = `${name}-${completions - 1}`;
  if (labelError(hostname) === "") return;
  const detail = `will not able to create pod with invalid DNS label: ${hostname}`;
  errors.push(invalid("metadata.name", name, detail));
}

/** An Indexed Job may be resized, together with its parallelism (KEP-3715). */
function validateCompletionsUpdate(
  spec: Job["spec"],
  old: Job["spec"],
  errors: FieldError[],
): void {
  if (spec.completionMode !== "Indexed") {
    return validateImmutable(spec.completions, old.completions, "spec.completions", errors);
  }
  if (spec.completions === undefined || spec.completions === old.completions) return;
  if (spec.completions === spec.parallelism) return;
  const detail = "can only be modified in tandem with spec.parallelism";
  errors.push(invalid("spec.completions", spec.completions, detail));
}

/**
 * The old template with what may be changed taken from the new one: of a Job that is suspended and
 * has never run, where its pods may be scheduled (KEP-2926, strategy.go: ValidateUpdate).
 */
function comparableTemplate({ spec }: Job, old: Job): PodTemplateSpec {
  const { template } = old.spec;
  if (old.spec.suspend !== true || old.status.startTime !== undefined) return template;
  const { labels, annotations } = spec.template.metadata ?? {};
  const { affinity, nodeSelector, tolerations, schedulingGates } = spec.template.spec ?? {};
  const { nodeAffinity } = affinity ?? {};
  const { nodeAffinity: _old, ...oldAffinity } = template.spec?.affinity ?? {};
  const nextAffinity = {
    ...oldAffinity,
    ...(nodeAffinity === undefined ? {} : { nodeAffinity }),
  };
  const hasAffinity = affinity !== undefined || Object.keys(oldAffinity).length > 0;
  return {
    ...template,
    metadata: { ...template.metadata, labels, annotations },
    spec: {
      ...template.spec,
      affinity: hasAffinity ? nextAffinity : undefined,
      nodeSelector,
      tolerations,
      schedulingGates,
    },
  } as PodTemplateSpec;
}

/** Pods that ended and are not counted yet: each once, and in one of the two lists. */
function validateUncounted(uncounted: Uncounted, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const field of ["succeeded", "failed"] as const)
    uncounted[field]?.forEach((uid, i) => {
      const path = `status.uncountedTerminatedPods.${field}[${i}]`;
      if (uid === "") errors.push(invalid(path, uid, "must not be empty"));
      else if (seen.has(uid)) errors.push(duplicate(path, uid));
      else seen.add(uid);
    });
}

function statusText({ spec, status }: Job): string {
  for (const type of ["Complete", "Failed", "Suspended"]) {
    if (status.conditions?.some((each) => each.type === type && each.status === "True"))
      return type;
  }
  return spec.suspend === true ? "Suspended" : "Running";
}

function completionsText({ spec, status }: Job): string {
  const done = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}
