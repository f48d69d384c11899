/**
 * CronJob. Source: pkg/apis/batch/v1/defaults.go and ValidateCronJobCreate and -Update in
 * pkg/apis/batch/validation/validation.go of v1.30.
 */
import { atLeastZero, oneOf } from "../container-validation.ts";
import { parseCronSchedule } from "../cron-schedule.ts";
import { invalid, required, unsupported } from "../field-error.ts";
import { defaultPodFailurePolicy } from "../job-spec-defaults.ts";
import { validateJobSpec } from "../job-spec-validation.ts";
import type { FieldError, Kind } from "../kind.ts";
import { timestampUs, withGeneration } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { batch, CronJob } from "../objects.ts";
import { defaultPodTemplate } from "../pod-spec-defaults.ts";
import { AGE, humanDuration } from "../printer-text.ts";
import { findTimeZone } from "../time-zone.ts";
import { JOB_SPEC_TYPES } from "./job.ts";

type CronJobSpec = CronJob["spec"];

/** 63 characters of a Job's name less the eleven of `-<minutes>`, which the controller adds. */
const NAME_MAX = 52;

export const cronJobKind: Kind<CronJob> = {
  kind: "CronJob",
  apiVersion: "batch/v1",
  resource: "cronjobs",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: {
    CronJob: "apiVersion kind metadata:ObjectMeta spec:CronJobSpec status:CronJobStatus",
    CronJobSpec:
      "concurrencyPolicy failedJobsHistoryLimit:int jobTemplate:JobTemplateSpec schedule startingDeadlineSeconds:int successfulJobsHistoryLimit:int suspend:bool timeZone",
    JobTemplateSpec: "metadata:ObjectMeta spec:JobSpec",
    CronJobStatus: "active:ObjectReference[] lastScheduleTime lastSuccessfulTime",
    ...JOB_SPEC_TYPES,
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as Partial<CronJobSpec>;
    const defaulted: CronJobSpec = {
      schedule: spec.schedule ?? "",
      concurrencyPolicy: spec.concurrencyPolicy || "Allow",
      suspend: spec.suspend ?? false,
      successfulJobsHistoryLimit: spec.successfulJobsHistoryLimit ?? 3,
      failedJobsHistoryLimit: spec.failedJobsHistoryLimit ?? 1,
      jobTemplate: defaultJobTemplate(spec.jobTemplate),
    };
    if (spec.timeZone !== undefined) defaulted.timeZone = spec.timeZone;
    if (spec.startingDeadlineSeconds !== undefined)
      defaulted.startingDeadlineSeconds = spec.startingDeadlineSeconds;
    return {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: withGeneration(given.metadata),
      spec: defaulted,
      status: (given.status ?? {}) as CronJob["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    validateSchedule(spec, errors);
    atLeastZero(spec.startingDeadlineSeconds, "spec.startingDeadlineSeconds", errors);
    validateTimeZone(spec.timeZone, errors);
    const policies = ["Allow", "Forbid", "Replace"];
    oneOf(spec.concurrencyPolicy, "spec.concurrencyPolicy", policies, errors);
    validateJobSpec(spec.jobTemplate.spec as batch.JobSpec, "spec.jobTemplate.spec", errors);
    validateGenerated(spec.jobTemplate, errors);
    atLeastZero(spec.successfulJobsHistoryLimit, "spec.successfulJobsHistoryLimit", errors);
    atLeastZero(spec.failedJobsHistoryLimit, "spec.failedJobsHistoryLimit", errors);
    // Names never change: that only a creation is checked for it comes to the same.
    if (metadata.name.length > NAME_MAX) {
      const detail = `must be no more than ${NAME_MAX} characters`;
      errors.push(invalid("metadata.name", metadata.name, detail));
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  printerColumns: [
    { name: "SCHEDULE", value: ({ spec }) => spec.schedule },
    { name: "TIMEZONE", value: ({ spec }) => spec.timeZone ?? "<none>" },
    { name: "SUSPEND", value: ({ spec }) => (spec.suspend === true ? "True" : "False") },
    { name: "ACTIVE", value: ({ status }) => String((status.active ?? []).length) },
    {
      name: "LAST SCHEDULE",
      value: ({ status }, nowUs) =>
        status.lastScheduleTime === undefined
          ? "<none>"
          : humanDuration(nowUs - timestampUs(status.lastScheduleTime)),
    },
    AGE,
  ],
};

/** Pod templates get their defaults here, the other fields of the Job only when it is made. */
function defaultJobTemplate(template: Partial<batch.JobTemplateSpec> = {}): batch.JobTemplateSpec {
  const { podFailurePolicy, ...spec } = template.spec ?? ({} as batch.JobSpec);
  return {
    ...template,
    spec: {
      ...spec,
      ...(podFailurePolicy === undefined
        ? {}
        : { podFailurePolicy: defaultPodFailurePolicy(podFailurePolicy) }),
      template: defaultPodTemplate(spec.template),
    },
  };
}

function validateSchedule({ schedule }: CronJobSpec, errors: FieldError[]): void {
  const path = "spec.schedule";
  if (schedule === "") return void errors.push(required(path));
  const parsed = parseCronSchedule(schedule);
  if (!parsed.ok) errors.push(invalid(path, schedule, parsed.error));
  if (!schedule.includes("TZ")) return;
  const detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
  errors.push(invalid(path, schedule, detail));
}

const EMPTY_ZONE = "timeZone must be nil or non-empty string";

/**
 * Zones that exist but have rules of their own are refused as if they did not: see time-zone.ts.
 */
function validateTimeZone(timeZone: string | undefined, errors: FieldError[]): void {
  const path = "spec.timeZone";
  if (timeZone === undefined) return;
  if (timeZone === "") return void errors.push(invalid(path, timeZone, EMPTY_ZONE));
  if (timeZone.toLowerCase() === "local") {
    const detail =
      "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    return void errors.push(invalid(path, timeZone, detail));
  }
  if (findTimeZone(timeZone) === undefined)
    errors.push(invalid(path, timeZone, `unknown time zone ${timeZone}`));
}

/** The Jobs' selectors are always generated. */
function validateGenerated({ spec }: batch.JobTemplateSpec, errors: FieldError[]): void {
  const path = "spec.jobTemplate.spec";
  if (spec?.selector !== undefined) {
    errors.push(invalid(`${path}.selector`, spec.selector, "`selector` will be auto-generated"));
  }
  if (spec?.manualSelector === true) {
    errors.push(unsupported(`${path}.manualSelector`, true, ["nil", "false"]));
  }
}
