/**
 * Continue tokens: where a list in pages goes on, and at which revision.
 * Source: apiserver/pkg/storage/continue.go of v1.30, which writes the same in base64.
 */
export interface Continuation {
  /** Below 0: the latest. */
  readonly revision: number;
  /** The first key that may come. */
  readonly start: string;
}

const API_VERSION = "meta.k8s.io/v1";

export function encodeContinue(revision: number, start: string): string {
  return JSON.stringify({ v: API_VERSION, rv: revision, start });
}

/** What the token says, or why it says nothing. */
export function decodeContinue(token: string): Continuation | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(token);
  } catch {
    return "invalid character in the token";
  }
  const { v, rv, start } = (parsed ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== API_VERSION) return `server does not recognize this encoded version "${String(v)}"`;
  if (typeof rv !== "number" || rv === 0)
    return `incorrect encoded start resourceVersion (version ${API_VERSION})`;
  if (typeof start !== "string" || start === "")
    return `encoded start key empty (version ${API_VERSION})`;
  return { revision: rv, start };
}

export function continueFault(why: string): string {
  return `continue key is not valid: ${why}`;
}
