/**
 * Where things stand in a YAML text. Loaded only when something is wrong: this parser keeps
 * positions and finds all syntax errors, and is slower than the one that reads good files.
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** A function from a path of keys and indexes to the place of its value, or of its last key. */
export function positionFinder(
  text: string,
): (path: readonly (string | number)[], isKey: boolean) => Position {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  return (path, isKey) => {
    const offset = offsetOf(document.contents, path, isKey);
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
}

/** Offset of what the path leads to, or of the last thing on the way that exists. */
function offsetOf(root: Node | null, path: readonly (string | number)[], isKey: boolean): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [i, part] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(part),
      );
      if (pair === undefined) return offset;
      const key = pair.key as Node;
      offset = key.range?.[0] ?? offset;
      if (isKey && i === path.length - 1) return offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
    } else {
      return offset;
    }
    offset = (node as Node | null | undefined)?.range?.[0] ?? offset;
  }
  return offset;
}

/** Every syntax error as `line:column: what`. */
export function syntaxFaults(text: string): string[] {
  const document = parseDocument(text, { prettyErrors: true });
  return document.errors.map((error) => {
    const [start] = error.linePos ?? [];
    const what = error.message.split(" at line ")[0] ?? error.message;
    return `${start?.line ?? 1}:${start?.col ?? 1}: ${what}`;
  });
}
