/**
 * Arithmetic of quotas: what all objects of a namespace use together, and what is left of that when
 * some are gone. Amounts are texts in the API's form by resource name.
 *
 * Source: quota.CalculateUsage in apiserver/pkg/quota/v1/resources.go of v1.30.
 */
import {
  type ApiObject,
  addQuantities,
  asQuantities,
  compareQuantities,
  isInScopes,
  isQuotaResourceOf,
  type Kind,
  mustParseQuantity,
  type Quantities,
  quotaUsage,
  type ResourceQuota,
} from "../api/index.ts";

export type Amounts = Readonly<Record<string, string>>;

/** What a quota is charged less: an object that is gone, or what one counts less than before. */
export interface Release {
  readonly kind: string;
  /** When it was committed. */
  readonly revision: number;
  readonly before: ApiObject;
  /** Undefined: the object is gone. */
  readonly after: ApiObject | undefined;
}

export function hardOf(quota: ResourceQuota): Amounts {
  return (quota.spec.hard ?? {}) as Amounts;
}

/** Whether objects of the kind count against the quota. */
export function isAbout(quota: ResourceQuota, kind: Kind): boolean {
  return Object.keys(hardOf(quota)).some((name) => isQuotaResourceOf(kind, name));
}

/** Whether an object counts less of anything than before. */
export function countsLess(kind: Kind, before: ApiObject, after: ApiObject): boolean {
  const now = quotaUsage(kind, after);
  for (const [name, amount] of quotaUsage(kind, before)) {
    const left = now.get(name);
    if (left !== amount && (left === undefined || left.compare(amount) < 0)) return true;
  }
  return false;
}

/** Nothing used yet of all that the quota limits. */
export function noneUsed(quota: ResourceQuota): Record<string, string> {
  const used: Record<string, string> = {};
  for (const name of Object.keys(hardOf(quota)).sort()) used[name] = "0";
  return used;
}

/** Adds to `used` what the objects of one kind use; only what is in there already is counted. */
export function addUsage(
  used: Record<string, string>,
  quota: ResourceQuota,
  kind: Kind,
  objects: readonly ApiObject[],
): void {
  const total: Quantities = new Map();
  for (const object of objects) {
    if (isInScopes(quota, object)) addQuantities(total, new Map(quotaUsage(kind, object)));
  }
  for (const [name, amount] of total) {
    const before = used[name];
    if (before !== undefined) used[name] = String(mustParseQuantity(before).add(amount));
  }
}

/** What is used after the releases; never less than nothing. */
export function lessReleases(
  quota: ResourceQuota,
  releases: readonly Release[],
  kindOf: (name: string) => Kind,
): Record<string, string> {
  const used = asQuantities(quota.status.used as Amounts | undefined);
  for (const { kind: kindName, before, after } of releases) {
    if (!isInScopes(quota, before)) continue;
    const kind = kindOf(kindName);
    const left = after === undefined ? undefined : quotaUsage(kind, after);
    for (const [name, amount] of quotaUsage(kind, before)) {
      const present = used.get(name);
      if (present === undefined) continue;
      const rest = left?.get(name);
      const less = present.subtract(rest === undefined ? amount : amount.subtract(rest));
      // What has grown was charged when it grew.
      if (less.compare(present) < 0) used.set(name, less.sign() < 0 ? ZERO : less);
    }
  }
  const texts: Record<string, string> = {};
  for (const [name, amount] of used) texts[name] = String(amount);
  return texts;
}

const ZERO = mustParseQuantity("0");

/** Whether two lists have the same names with equal amounts. */
export function sameAmounts(a: Amounts | undefined, b: Amounts | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const other = b[name];
    return other !== undefined && compareQuantities(a[name] ?? "0", other) === 0;
  });
}
