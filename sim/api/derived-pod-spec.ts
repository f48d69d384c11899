/** A pod spec that was made from another by setting fields, as admission does. */
import type { PodSpec } from "./objects.ts";
import { isSettled, settle } from "./pod-spec-defaults.ts";
import { isKnownValid, noteValid } from "./pod-spec-validation.ts";
import { withFields } from "./with-fields.ts";

/**
 * The spec with these fields set; the argument is not changed. A spec that has all its defaults
 * keeps them. `keepsValid`: the change cannot make a valid spec invalid, so that one that is known
 * to be valid is not looked at again.
 */
export function derivedPodSpec(
  spec: PodSpec,
  changes: Partial<PodSpec>,
  keepsValid: boolean,
): PodSpec {
  const made: PodSpec = withFields(spec, changes);
  if (isSettled(spec)) settle(made);
  if (keepsValid && isKnownValid(spec)) noteValid(made);
  return made;
}
