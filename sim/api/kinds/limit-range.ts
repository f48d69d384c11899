/**
 * LimitRange: defaults and bounds of what containers, pods and claims of a namespace ask for.
 * Source: SetDefaults_LimitRangeItem in pkg/apis/core/v1/defaults.go and ValidateLimitRange in
 * pkg/apis/core/validation/validation.go of v1.30.
 */
import { byCodeUnit } from "../code-unit-order.ts";
import { duplicate, forbidden, invalid, required } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { qualifiedNameError } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { core, LimitRange } from "../objects.ts";
import { mustParseQuantity } from "../quantity.ts";
import { compareQuantities, quantityError } from "../resource-amount.ts";
import { isOvercommitAllowed, resourceNameError } from "../resource-list.ts";

type Amounts = Readonly<Record<string, string>>;

const TYPES = ["Container", "PersistentVolumeClaim", "Pod"];
const BOUNDS = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

export const limitRangeKind: Kind<LimitRange> = {
  kind: "LimitRange",
  apiVersion: "v1",
  resource: "limitranges",
  namespaced: true,
  fields: ["spec"],
  fieldTypes: {
    LimitRange: "apiVersion kind metadata:ObjectMeta spec:LimitRangeSpec",
    LimitRangeSpec: "limits:LimitRangeItem[]",
    LimitRangeItem:
      "default:quantities defaultRequest:quantities max:quantities maxLimitRequestRatio:quantities min:quantities type",
  },

  defaults(given) {
    const { limits } = (given.spec ?? {}) as Partial<core.LimitRangeSpec>;
    return {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: given.metadata,
      spec: { limits: (limits ?? []).map(defaultItem) },
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    const types = new Set<string>();
    spec.limits.forEach((item, index) => {
      validateItem(item, `spec.limits[${index}]`, types, errors);
    });
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  printerColumns: [{ name: "CREATED AT", value: ({ metadata }) => metadata.creationTimestamp }],
};

/** Of a container: a limit defaults to the maximum, a request to the limit, then to the minimum. */
function defaultItem(item: core.LimitRangeItem): core.LimitRangeItem {
  if (item.type !== "Container") return item;
  const limits: Record<string, string> = { ...item.max, ...item.default };
  const requests: Record<string, string> = { ...item.min, ...limits, ...item.defaultRequest };
  return { ...item, default: limits, defaultRequest: requests };
}

function validateItem(
  item: core.LimitRangeItem,
  path: string,
  types: Set<string>,
  errors: FieldError[],
): void {
  const { type = "" } = item;
  const nameError = qualifiedNameError(type);
  if (nameError !== "") errors.push(invalid(`${path}.type`, type, nameError));
  else if (!type.includes("/") && !TYPES.includes(type)) {
    const detail = "must be a standard limit type or fully qualified";
    errors.push(invalid(`${path}.type`, type, detail));
  }
  if (types.has(type)) errors.push(duplicate(`${path}.type`, type));
  types.add(type);

  const before = errors.length;
  for (const bound of BOUNDS) validateBound(item, bound, path, errors);
  if (type === "PersistentVolumeClaim" && lacksStorage(item)) {
    const detail = "either minimum or maximum storage value is required, but neither was provided";
    errors.push(required(`${path}.limits`, detail));
  }
  if (errors.length > before) return; // amounts that are none cannot be compared
  const names = new Set(BOUNDS.flatMap((bound) => Object.keys(item[bound] ?? {})));
  for (const name of [...names].sort(byCodeUnit)) compareBounds(item, name, path, errors);
}

function validateBound(
  item: core.LimitRangeItem,
  bound: (typeof BOUNDS)[number],
  path: string,
  errors: FieldError[],
): void {
  const amounts = (item[bound] ?? {}) as Amounts;
  const isPod = item.type === "Pod";
  const names = Object.keys(amounts);
  if (isPod && names.length > 0 && (bound === "default" || bound === "defaultRequest")) {
    errors.push(forbidden(`${path}.${bound}`, "may not be specified when `type` is 'Pod'"));
    return;
  }
  for (const name of names) {
    const at = `${path}.${bound}[${name}]`;
    const nameError = resourceNameError(name, isPod || item.type === "Container");
    if (nameError !== "") errors.push(invalid(at, name, nameError));
    const amountError = quantityError(amounts[name] ?? "");
    if (amountError !== "") errors.push(invalid(at, amounts[name], amountError));
  }
}

function lacksStorage({ min, max }: core.LimitRangeItem): boolean {
  return min?.["storage"] === undefined && max?.["storage"] === undefined;
}

/** The bounds of one resource must be in order: minimum, request, limit, maximum. */
function compareBounds(
  item: core.LimitRangeItem,
  name: string,
  path: string,
  errors: FieldError[],
): void {
  const [max, min, limit, request, ratio] = BOUNDS.map((bound) => item[bound]?.[name]);
  const inOrder = (
    low: string | undefined,
    high: string | undefined,
    bound: string,
    shown: string | undefined,
    words: readonly [string, string],
  ): void => {
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) return;
    const detail = `${words[0]} value ${low} is greater than ${words[1]} value ${high}`;
    errors.push(invalid(`${path}.${bound}[${name}]`, shown, detail));
  };
  inOrder(min, max, "min", min, ["min", "max"]);
  inOrder(min, request, "defaultRequest", request, ["min", "default request"]);
  inOrder(request, max, "defaultRequest", request, ["default request", "max"]);
  inOrder(request, limit, "defaultRequest", request, ["default request", "default limit"]);
  inOrder(min, limit, "default", min, ["min", "default"]);
  inOrder(limit, max, "default", max, ["default", "max"]);
  if (ratio !== undefined)
    compareRatio(ratio, min, max, `${path}.maxLimitRequestRatio[${name}]`, errors);
  if (limit === undefined || request === undefined || isOvercommitAllowed(name)) return;
  if (compareQuantities(limit, request) === 0) return;
  const detail = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
  errors.push(invalid(`${path}.defaultRequest[${name}]`, request, detail));
}

function compareRatio(
  ratio: string,
  min: string | undefined,
  max: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (compareQuantities(ratio, "1") < 0)
    errors.push(invalid(path, ratio, `ratio ${ratio} is less than 1`));
  if (min === undefined || max === undefined) return;
  const milli = (text: string): number => Number(mustParseQuantity(text).milliValue());
  const widest = milli(max) / milli(min);
  if (milli(ratio) / 1000 <= widest) return;
  const detail = `ratio ${ratio} is greater than max/min = ${widest.toFixed(6)}`;
  errors.push(invalid(path, ratio, detail));
}
