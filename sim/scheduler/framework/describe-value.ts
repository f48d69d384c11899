/**
 * describeValue: a value that a policy returned or stated, in a few words for its author.
 */

/** Longest text that is shown of a value, in characters. Our choice: a message stays one line. */
const SHOWN_MAX = 60;

export function describeValue(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `the bigint ${value}`;
  if (typeof value !== "object" || value === null) return shown(value);
  if (typeof (value as { readonly then?: unknown }).then === "function") {
    return "a promise (is it an async function?)";
  }
  return shown(value);
}

function shown(value: unknown): string {
  const isPlain = typeof value === "object" && value !== null;
  const text = typeof value === "string" || isPlain ? jsonOf(value) : String(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "an object";
  } catch {
    return "an object"; // it contains itself
  }
}
