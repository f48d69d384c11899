/**
 * The bounds of a LimitRange: what in a pod or a claim is outside of them, in the API's words.
 * Source: plugin/pkg/admission/limitranger/admission.go of v1.30 (minConstraint and its like).
 */
import {
  asQuantities,
  type Container,
  containerTotals,
  type LimitRange,
  type PersistentVolumeClaim,
  type PodSpec,
  type Quantities,
  type Quantity,
} from "../../api/index.ts";

/** resource.MaxMilliValue: above it amounts are compared in whole units. */
const MAX_MILLI = ((1n << 63n) - 1n) / 1000n;

type Item = LimitRange["spec"]["limits"][number];

/** Faults of a pod's containers and of the pod as a whole. */
export function podFaults({ spec: { limits } }: LimitRange, spec: PodSpec): string[] {
  const faults: string[] = [];
  for (const item of limits) {
    if (item.type === "Container") {
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])])
        constrain(item, ...amountsOf(container), faults);
    } else if (item.type === "Pod") {
      constrain(item, containerTotals(spec, "requests"), containerTotals(spec, "limits"), faults);
    }
  }
  return faults;
}

/** Faults of a claim: only what it requests counts. */
export function claimFaults(
  { spec: { limits } }: LimitRange,
  { spec }: PersistentVolumeClaim,
): string[] {
  const faults: string[] = [];
  const requests = asQuantities(spec.resources?.requests as Record<string, string> | undefined);
  for (const item of limits) {
    if (item.type !== "PersistentVolumeClaim") continue;
    for (const [name, bound] of bounds(item.min))
      minimum(item.type, name, bound, requests, NO_AMOUNTS, faults);
    for (const [name, bound] of bounds(item.max)) {
      const words = `maximum ${name} usage per ${item.type} is ${bound}`;
      const request = requests.get(name);
      if (request === undefined) faults.push(`${words}.  No request is specified`);
      else if (exceeds(request, bound)) faults.push(`${words}, but request is ${request}`);
    }
  }
  return faults;
}

const NO_AMOUNTS: Quantities = new Map();

function amountsOf({ resources }: Container): [requests: Quantities, limits: Quantities] {
  return [asQuantities(resources?.requests), asQuantities(resources?.limits)];
}

function constrain(item: Item, requests: Quantities, limits: Quantities, faults: string[]): void {
  for (const [name, bound] of bounds(item.min))
    minimum(item.type, name, bound, requests, limits, faults);
  for (const [name, bound] of bounds(item.max))
    maximum(item.type, name, bound, requests, limits, faults);
  for (const [name, bound] of bounds(item.maxLimitRequestRatio))
    ratio(item.type, name, bound, requests, limits, faults);
}

function bounds(list: Item["min"]): [string, Quantity][] {
  return [...asQuantities(list)].sort(([a], [b]) => (a < b ? -1 : 1));
}

function minimum(
  type: string,
  name: string,
  bound: Quantity,
  requests: Quantities,
  limits: Quantities,
  faults: string[],
): void {
  const words = `minimum ${name} usage per ${type} is ${bound}`;
  const request = requests.get(name);
  const limit = limits.get(name);
  if (request === undefined) faults.push(`${words}.  No request is specified`);
  else if (exceeds(bound, request)) faults.push(`${words}, but request is ${request}`);
  else if (limit !== undefined && exceeds(bound, limit))
    faults.push(`${words}, but limit is ${limit}`);
}

function maximum(
  type: string,
  name: string,
  bound: Quantity,
  requests: Quantities,
  limits: Quantities,
  faults: string[],
): void {
  const words = `maximum ${name} usage per ${type} is ${bound}`;
  const request = requests.get(name);
  const limit = limits.get(name);
  if (limit === undefined) faults.push(`${words}.  No limit is specified`);
  else if (exceeds(limit, bound)) faults.push(`${words}, but limit is ${limit}`);
  else if (request !== undefined && exceeds(request, bound))
    faults.push(`${words}, but request is ${request}`);
}

function ratio(
  type: string,
  name: string,
  bound: Quantity,
  requests: Quantities,
  limits: Quantities,
  faults: string[],
): void {
  const words = `${name} max limit to request ratio per ${type} is ${bound}`;
  const request = requests.get(name);
  const limit = limits.get(name);
  if (request === undefined || request.sign() === 0) {
    faults.push(`${words}, but no request is specified or request is 0`);
  } else if (limit === undefined || limit.sign() === 0) {
    faults.push(`${words}, but no limit is specified or limit is 0`);
  } else {
    const observed = Number(limit.milliValue()) / Number(request.milliValue());
    if (observed * 1000 > Number(bound.milliValue()))
      faults.push(`${words}, but provided ratio is ${observed.toFixed(6)}`);
  }
}

/** Compared in thousandths where they fit 64 bits, else in whole units, as the API does. */
function exceeds(a: Quantity, b: Quantity): boolean {
  if (a.value() <= MAX_MILLI && b.value() <= MAX_MILLI) return a.milliValue() > b.milliValue();
  return a.value() > b.value();
}
