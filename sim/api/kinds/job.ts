/**
 * Job. Source: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation and
 * pkg/registry/batch/job/strategy.go (the generated selector) of v1.30.
 */
import { atLeastZero, oneOf } from "../container-validation.ts";
import { required, unsupported } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { compileLabelSelector } from "../label-selector.ts";
import { validateLabelSelector } from "../label-selector-validation.ts";
import { timestampUs, withGeneration } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { Job, ObjectMeta, PodTemplateSpec } from "../objects.ts";
import { defaultPodTemplate } from "../pod-spec-defaults.ts";
import { validatePodTemplate } from "../pod-spec-validation.ts";
import { AGE, humanDuration } from "../printer-text.ts";
import { templateMismatch, validateImmutable } from "../replicated-pods.ts";

const RESTART_POLICIES = ["OnFailure", "Never"];
const CONTROLLER_UID = "batch.kubernetes.io/controller-uid";

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

export const jobKind: Kind<Job> = {
  kind: "Job",
  apiVersion: "batch/v1",
  resource: "jobs",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    Job: "apiVersion kind metadata:ObjectMeta spec:JobSpec status:JobStatus",
    JobSpec:
      "activeDeadlineSeconds:int backoffLimit:int backoffLimitPerIndex:int completionMode completions:int managedBy manualSelector:bool maxFailedIndexes:int parallelism:int podFailurePolicy:any podReplacementPolicy selector:LabelSelector successPolicy:any suspend:bool template:PodTemplateSpec ttlSecondsAfterFinished:int",
    JobStatus:
      "active:int completedIndexes completionTime conditions:Condition[] failed:int failedIndexes ready:int startTime succeeded:int terminating:int uncountedTerminatedPods:any",
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
    validateCounts(spec, errors);
    oneOf(spec.completionMode, "spec.completionMode", ["NonIndexed", "Indexed"], errors);
    if (spec.completionMode === "Indexed" && spec.completions === undefined) {
      errors.push(required("spec.completions", "when completion mode is Indexed"));
    }
    oneOf(
      spec.podReplacementPolicy,
      "spec.podReplacementPolicy",
      ["Failed", "TerminatingOrFailed"],
      errors,
    );
    validateSelected(spec, errors);
    validatePodTemplate(spec.template, "spec.template", errors);
    const policy = spec.template.spec?.restartPolicy ?? "";
    if (!RESTART_POLICIES.includes(policy)) {
      errors.push(unsupported("spec.template.spec.restartPolicy", policy, RESTART_POLICIES));
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    for (const field of ["selector", "template", "completionMode"] as const) {
      validateImmutable(object.spec[field], old.spec[field], `spec.${field}`, errors);
    }
    // An Indexed Job may be resized, together with its parallelism (KEP-3715).
    if (
      object.spec.completionMode !== "Indexed" ||
      object.spec.completions !== object.spec.parallelism
    ) {
      validateImmutable(object.spec.completions, old.spec.completions, "spec.completions", errors);
    }
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
  const labels = {
    ...template.metadata?.labels,
    [CONTROLLER_UID]: uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  return { ...template, metadata: { ...template.metadata, labels } };
}

function validateCounts(spec: Job["spec"], errors: FieldError[]): void {
  for (const field of [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ] as const) {
    atLeastZero(spec[field], `spec.${field}`, errors);
  }
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
