/**
 * IngressAnnotations: what an Ingress asks of nginx beyond its spec (nginx.ingress.kubernetes.io/...).
 * What cannot be read counts as absent, as ingress-nginx logs it and goes on with its default.
 * Source: internal/ingress/annotations of ingress-nginx v1.10.
 */
import type { Ingress } from "../../api/index.ts";

/** When requests go to the canary: by header, cookie, then weight. "" : not by that. */
export interface CanaryRule {
  readonly header: string;
  readonly headerValue: string;
  readonly headerPattern: string;
  readonly cookie: string;
  /** So many of each `weightTotal` requests. */
  readonly weight: number;
  readonly weightTotal: number;
}

export interface IngressAnnotations {
  /** undefined: the Ingress is no canary. */
  readonly canary: CanaryRule | undefined;
  /** Name of the cookie that ties a client to an endpoint; "": none. */
  readonly cookie: string;
  /** The variable that requests are hashed by, `$remote_addr`; "": none. */
  readonly hashBy: string;
  /** `round_robin` or `ewma`; "": as the controller does by itself. */
  readonly loadBalance: string;
}

const PREFIX = "nginx.ingress.kubernetes.io/";
/** What Go's strconv.ParseBool takes for true. */
const TRUE: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);
/** Name of the cookie unless session-cookie-name says another. */
const COOKIE = "INGRESSCOOKIE";
const WEIGHT_TOTAL = 100;

export function annotationsOf({ metadata: { annotations = {} } }: Ingress): IngressAnnotations {
  const text = (name: string): string => annotations[PREFIX + name] ?? "";
  const isSticky = text("affinity") === "cookie";
  return {
    canary: TRUE.has(text("canary")) ? canaryRule(text) : undefined,
    cookie: isSticky ? text("session-cookie-name") || COOKIE : "",
    hashBy: text("upstream-hash-by"),
    loadBalance: text("load-balance"),
  };
}

function canaryRule(text: (name: string) => string): CanaryRule {
  return {
    header: text("canary-by-header"),
    headerValue: text("canary-by-header-value"),
    headerPattern: text("canary-by-header-pattern"),
    cookie: text("canary-by-cookie"),
    weight: Math.max(0, wholeOf(text("canary-weight"), 0)),
    // One below 100 counts as 100 (rootfs/etc/nginx/lua/balancer.lua).
    weightTotal: Math.max(WEIGHT_TOTAL, wholeOf(text("canary-weight-total"), WEIGHT_TOTAL)),
  };
}

function wholeOf(text: string, otherwise: number): number {
  return /^[+-]?\d{1,9}$/.test(text) ? Number(text) : otherwise;
}
