/** JSON.parse whose complaint names the column. */
import { InputError } from "../../sim/kernel/index.ts";

/** Parses one line. InputError `where:COLUMN: ...` (columns from 1) when it is no JSON. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const column = faultIndex(text, found) + 1;
    throw new InputError(
      `${where}:${column}: ${sentence(found)}, want one JSON object a line. Fix the JSON.`,
    );
  }
}

/**
 * Where the parser gave up. Some of V8's messages have a position; "Unexpected token" has none in
 * Node 20: then it is the end of the shortest beginning of the text that draws the same complaint,
 * since a beginning without the token merely ends too early.
 */
function faultIndex(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (!message.startsWith("Unexpected token")) return text.length;
  let [low, high] = [1, text.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (complaint(text.slice(0, middle)).startsWith("Unexpected token")) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

function complaint(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** V8's message without its own account of the place. */
function sentence(message: string): string {
  return message
    .replace(/,? (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s, "")
    .replace(/ (in|after) JSON at position \d+.*$/, (_whole, word) =>
      word === "after" ? " after JSON" : "",
    );
}
