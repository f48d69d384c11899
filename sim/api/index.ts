export {
  annotatedDurationUs,
  annotatedExitCode,
  annotatedImageBytes,
  DURATION_ANNOTATION,
  EXIT_CODE_ANNOTATION,
  IMAGE_BYTES_ANNOTATION,
} from "./annotations.ts";
export {
  type Condition,
  findCondition,
  isConditionTrue,
  removeCondition,
  setCondition,
} from "./conditions.ts";
export {
  describeFieldError,
  duplicate,
  forbidden,
  invalid,
  required,
  unsupported,
} from "./field-error.ts";
export { FieldPositions } from "./field-position.ts";
export type { FieldTypes } from "./field-types.ts";
export type { ChangeType, WatchEntry } from "./key-record.ts";
export { KeyRecord } from "./key-record.ts";
export type { FieldError, Kind, PrinterColumn } from "./kind.ts";
export type { Binding } from "./kinds/binding.ts";
export { compileLabelSelector, Selector, selectorFromSet } from "./label-selector.ts";
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
export type * from "./objects.ts";
export { type PodPriority, withPriority } from "./pod-priority.ts";
export {
  addQuantities,
  asQuantities,
  effectiveRequests,
  isSidecar,
  podRequests,
  quantityAmount,
  requestsOf,
} from "./pod-requests.ts";
export { mustParseQuantity, Quantity, type QuantityFormat } from "./quantity.ts";
export type { Labels } from "./requirement.ts";
export { compareQuantities, cpuMilli, wholeUnits } from "./resource-amount.ts";
export { allKinds, kindNamed } from "./scheme.ts";
export { semanticallyEqual } from "./semantic-equal.ts";
export { strictDecodeStruct } from "./strict-decoding.ts";
export { findUntoleratedTaint, tolerates } from "./toleration.ts";
export type * from "./trace.ts";
export { createTrace } from "./trace.ts";
export * from "./volume-binding.ts";
