/**
 * What plugins return at the points that reject: its long form, and what to say of a wrong one.
 */
import type { InputError } from "../../kernel/index.ts";
import type { CallSite } from "./call-site.ts";
import { describeValue } from "./describe-value.ts";
import type { Rejection, Verdict } from "./interface.ts";

const CODES: readonly unknown[] = ["Unschedulable", "UnschedulableAndUnresolvable"];

/**
 * Refuses at once what cannot be a rejection, true and false above all. Cheap, for the loops over
 * nodes; the rest is looked at by `rejectionOf` when a pod fits nowhere. Throws InputError.
 */
export function checkRejected(verdict: unknown, site: CallSite): void {
  if (typeof verdict === "string" || (typeof verdict === "object" && verdict !== null)) return;
  throw badVerdict(verdict, site);
}

/** A verdict in its long form; undefined: passes. Throws InputError for what is no verdict. */
export function rejectionOf(verdict: Verdict, site: CallSite): Rejection | undefined {
  if (verdict === undefined) return undefined;
  if (typeof verdict === "string") return { code: "Unschedulable", reasons: [verdict] };
  if (!isRejection(verdict)) throw badVerdict(verdict, site);
  return verdict;
}

export function isRejection(value: unknown): value is Rejection {
  if (typeof value !== "object" || value === null) return false;
  const { code, reasons } = value as Partial<Rejection>;
  return (
    CODES.includes(code) &&
    Array.isArray(reasons) &&
    reasons.every((reason) => typeof reason === "string")
  );
}

function badVerdict(verdict: unknown, site: CallSite): InputError {
  const passes = site.point === "filter" ? "undefined (fits)" : "undefined (goes on)";
  return site.complain(
    `returned ${describeValue(verdict)}, want ${passes}, a string (the reason why not), or a ` +
      "Rejection { code, reasons }. Return one of these.",
  );
}
