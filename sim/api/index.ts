export {
  annotatedExitCodeOf,
  annotatedImageBytes,
  annotatedSpanUs,
  annotatedText,
  type ContainerAttempt,
  changesAfter,
  DURATION_ANNOTATION,
  EXIT_CODE_ANNOTATION,
  HANG_AT_ANNOTATION,
  IMAGE_BYTES_ANNOTATION,
  parseExitCodes,
  parseSpans,
  READY_AFTER_ANNOTATION,
  SPAN_ANNOTATIONS,
  UNREADY_AT_ANNOTATION,
  UNREADY_FOR_ANNOTATION,
} from "./annotations.ts";
export {
  type Condition,
  findCondition,
  isConditionTrue,
  removeCondition,
  setCondition,
} from "./conditions.ts";
export { type CronSchedule, type ParsedSchedule, parseCronSchedule } from "./cron-schedule.ts";
export { derivedPodSpec } from "./derived-pod-spec.ts";
export {
  describeFieldError,
  duplicate,
  forbidden,
  invalid,
  required,
  statusCause,
  unsupported,
} from "./field-error.ts";
export { FieldPositions } from "./field-position.ts";
export { type FieldSchema, type FieldType, fieldSchema, type Struct } from "./field-schema.ts";
export type { FieldTypes } from "./field-types.ts";
export {
  DELETE_DEPENDENTS,
  FINALIZER_KUBERNETES,
  ORPHAN_DEPENDENTS,
  waitsForFinalizer,
} from "./finalizers.ts";
export {
  type DefaultFlowSchema,
  type DefaultPriorityLevel,
  defaultFlowSchemas,
  defaultPriorityLevels,
} from "./flow-control-defaults.ts";
export { IgnoredParts } from "./ignored-parts.ts";
export type { ChangeType, WatchEntry } from "./key-record.ts";
export { KeyRecord, keyOf } from "./key-record.ts";
export type { FieldError, Kind, PrinterColumn, ScaleOf } from "./kind.ts";
export type { Binding } from "./kinds/binding.ts";
export {
  compileLabelSelector,
  SELECT_EVERYTHING,
  Selector,
  selectorFromSet,
} from "./label-selector.ts";
export { labelValues, valueSelected } from "./label-values.ts";
export { type DecodedManifest, ManifestDecoder } from "./manifest-decoder.ts";
export {
  canonicalJson,
  controllerOf,
  controllerRef,
  createMetadata,
  EPOCH_MS,
  generatedName,
  podTemplateHash,
  timestamp,
  timestampUs,
} from "./metadata.ts";
export { qualifiedNameError } from "./name-format.ts";
export {
  compileNodeSelector,
  type NodeSelectorMatcher,
  nodeSelectorTermFaults,
} from "./node-selector.ts";
export { validateAnnotations } from "./object-meta.ts";
export type * from "./objects.ts";
export { containerTotals, effectiveLimits } from "./pod-limits.ts";
export {
  addQuantities,
  asQuantities,
  effectiveRequests,
  isSidecar,
  podRequests,
  type Quantities,
  quantityAmount,
  requestsOf,
} from "./pod-requests.ts";
export { defaultPodSpec } from "./pod-spec-defaults.ts";
export { mustParseQuantity, Quantity, type QuantityFormat } from "./quantity.ts";
export { isInScopes } from "./quota-scopes.ts";
export {
  computeUsage,
  isQuotaResourceOf,
  type QuotaUsage,
  quotaUsage,
} from "./quota-usage.ts";
export type { Labels } from "./requirement.ts";
export { compareQuantities, cpuMilli, quantityError, wholeUnits } from "./resource-amount.ts";
export { allKinds, kindNamed, kindNames } from "./scheme.ts";
export { parseSelectorString } from "./selector-string.ts";
export { areFieldsEqual, semanticallyEqual } from "./semantic-equal.ts";
export { sharedCondition } from "./shared-condition.ts";
export { copyMetadata } from "./stored-metadata.ts";
export { mergedPodStatus } from "./stored-pod-status.ts";
export { strictDecode, strictDecodeStruct } from "./strict-decoding.ts";
export { findTimeZone, type TimeZone, UTC } from "./time-zone.ts";
export { findUntoleratedTaint, tolerates } from "./toleration.ts";
export type * from "./trace.ts";
export { createTrace } from "./trace.ts";
export * from "./volume-binding.ts";
export { withFields } from "./with-fields.ts";
