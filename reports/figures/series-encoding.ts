/** How policies are told apart in every figure: the same colour, dash and point everywhere. */
import { type SeriesLook, seriesLook } from "./palette.ts";

/** All policies of the results, in their order; a policy's place decides its look. */
export interface PolicyLooks {
  readonly policies: readonly string[];
  of(policy: string): SeriesLook;
}

export function policyLooks(policies: readonly string[]): PolicyLooks {
  const looks = new Map(policies.map((policy, index) => [policy, seriesLook(index)] as const));
  return {
    policies,
    of: (policy) => looks.get(policy) ?? seriesLook(0),
  };
}

/** Scales for the field `policy` of the policies that a figure shows. */
export function policyChannels(looks: PolicyLooks, shown: readonly string[]) {
  const domain = [...shown];
  const each = shown.map((policy) => looks.of(policy));
  const field = { field: "policy", type: "nominal" } as const;
  return {
    color: { ...field, scale: { domain, range: each.map(({ colour }) => colour) } },
    strokeDash: { ...field, scale: { domain, range: each.map(({ dash }) => [...dash]) } },
    shape: { ...field, scale: { domain, range: each.map(({ point }) => point) } },
  };
}

/** Vega's own estimate of a letter's width at the legend's size, and of all else in an entry. */
const LETTER = 9.6;
const ENTRY = 48;
const LETTERS_MOST = 17;
const COLUMNS_MOST = 4;

/** A legend that is no wider than its plot: one that is would shrink it. */
export function legendFit(shown: readonly string[], width: number) {
  const longest = shown.reduce((most, { length }) => Math.max(most, length), 1);
  const entry = Math.min(longest, LETTERS_MOST) * LETTER + ENTRY;
  const columns = Math.max(1, Math.min(COLUMNS_MOST, Math.floor(width / entry)));
  return { columns, labelLimit: LETTERS_MOST * LETTER };
}
