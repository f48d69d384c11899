/**
 * CanaryVerdict: what the header and the cookie of a request say about the canary.
 * Source: rootfs/etc/nginx/lua/balancer.lua of ingress-nginx v1.10, route_to_alternative_balancer.
 */

import type { CanaryRule } from "./ingress-annotations.ts";
import type { IngressRequest } from "./ingress-entry.ts";

/** `weight`: neither says, chance decides. */
export type CanaryVerdict = "canary" | "stable" | "weight";

/** Header before cookie before weight; a value that means nothing is passed over. */
export function canaryVerdict(rule: CanaryRule, request: IngressRequest): CanaryVerdict {
  const { headers, cookies } = request;
  const header = rule.header === "" ? undefined : headerNamed(headers, rule.header);
  const byHeader = header === undefined ? "weight" : headerVerdict(rule, header);
  if (byHeader !== "weight") return byHeader;
  return rule.cookie === "" ? "weight" : switchOf(cookies[rule.cookie]);
}

function headerVerdict({ headerPattern, headerValue }: CanaryRule, value: string): CanaryVerdict {
  if (headerValue !== "") return value === headerValue ? "canary" : "weight";
  if (headerPattern === "") return switchOf(value);
  const pattern = patternOf(headerPattern);
  if (pattern === undefined) return "stable"; // nginx logs the pattern's error and stays
  return pattern.test(value) ? "canary" : "weight";
}

function switchOf(value: string | undefined): CanaryVerdict {
  if (value === "always") return "canary";
  return value === "never" ? "stable" : "weight";
}

/** nginx has headers as variables, in which case and the two dashes are one. */
function headerNamed(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  const wanted = variableOf(name);
  for (const key of Object.keys(headers).sort())
    if (variableOf(key) === wanted) return headers[key];
  return undefined;
}

const variableOf = (name: string): string => name.toLowerCase().replaceAll("-", "_");

/** Perl's patterns are read as JavaScript's, which differ in rare forms. */
function patternOf(text: string): RegExp | undefined {
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}
