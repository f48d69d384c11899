/**
 * Which combinations of a list's options make sense.
 * Source: apimachinery/pkg/apis/meta/internalversion/validation/validation.go of v1.30.
 */
import { type Kind, parseSelectorString } from "../api/index.ts";
import type { ListOptions } from "./api-call.ts";
import { fieldSelectorFault } from "./field-selector.ts";

export interface ListFault {
  readonly code: 400 | 422;
  readonly reason: "BadRequest" | "Invalid";
  readonly message: string;
}

/** The number of a resourceVersion; 0 for "" and "0". */
export function revisionOf(resourceVersion: string): number {
  return resourceVersion === "" ? 0 : Number(resourceVersion);
}

/** Why the options cannot be served; undefined: they can. */
export function listOptionsFault(options: ListOptions, kind: Kind): ListFault | undefined {
  const { labelSelector, fieldSelector, resourceVersionMatch: match } = options;
  const { resourceVersion = "" } = options;
  const { continueToken = "" } = options;
  if (labelSelector !== undefined) {
    const parsed = parseSelectorString(labelSelector);
    if (typeof parsed === "string") return badRequest(parsed);
  }
  if (fieldSelector !== undefined) {
    const why = fieldSelectorFault(fieldSelector, kind);
    if (why !== "") return badRequest(why);
  }
  if (match !== undefined) {
    const why = matchFault(match, resourceVersion, continueToken);
    if (why !== "") {
      const message = `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: ${why}`;
      return { code: 422, reason: "Invalid", message };
    }
  }
  if (!/^[0-9]*$/.test(resourceVersion)) {
    const text = `Invalid value: "${resourceVersion}": strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`;
    return badRequest(`resourceVersion: ${text}`);
  }
  if (continueToken !== "" && resourceVersion !== "" && resourceVersion !== "0")
    return badRequest("specifying resource version is not allowed when using continue");
  return undefined;
}

function matchFault(match: string, resourceVersion: string, continueToken: string): string {
  if (continueToken !== "")
    return "Forbidden: resourceVersionMatch is forbidden when continue is provided";
  if (resourceVersion === "")
    return "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided";
  if (match !== "Exact" && match !== "NotOlderThan")
    return `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`;
  if (match === "Exact" && resourceVersion === "0")
    return 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"';
  return "";
}

function badRequest(message: string): ListFault {
  return { code: 400, reason: "BadRequest", message };
}
