/**
 * FieldPositions finds where in a document's text a field stands, for error messages. Built only
 * when there is something to report: it reads the text a second time.
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents } from "js-yaml";

/** Line and column in the file, both from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

interface TextNode {
  /** Offset at which it begins; of a field's value that is no scalar, where the field's name does. */
  readonly start: number;
  readonly isScalar: boolean;
  readonly fields: ReadonlyMap<string, TextNode>;
  readonly items: readonly TextNode[];
  /** Offset of the field's name; -1 outside a mapping. */
  keyStart: number;
}

const NO_FIELDS: ReadonlyMap<string, TextNode> = new Map();

export class FieldPositions {
  readonly #text: string;
  readonly #line: number;
  readonly #root: TextNode | undefined;

  /** `line` is the line of the file at which the document's text begins. The text must parse. */
  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
    const events = parseEvents(text, {});
    const reader = new EventReader(events, text);
    this.#root = reader.document();
  }

  /**
   * The position of a field by its path, as in FieldError: of its value where that is one word, of
   * its name otherwise; of the nearest field around it where it is missing.
   */
  of(path: string): TextPosition {
    let node = this.#root;
    let offset = node?.start ?? 0;
    for (const step of pathSteps(path)) {
      const index = /^\d+$/.test(step) ? Number(step) : -1;
      node = node?.fields.get(step) ?? node?.items[index];
      if (node === undefined) break;
      offset = node.isScalar || node.keyStart < 0 ? node.start : node.keyStart;
    }
    return this.at(offset);
  }

  /** The position of an offset in the document's text. */
  at(offset: number): TextPosition {
    return positionAt(this.#text, offset, this.#line);
  }
}

/** Line (counted from `firstLine`) and column of an offset. */
export function positionAt(text: string, offset: number, firstLine: number): TextPosition {
  let line = firstLine;
  let lineStart = 0;
  for (let i = text.indexOf("\n"); i >= 0 && i < offset; i = text.indexOf("\n", i + 1)) {
    line++;
    lineStart = i + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** The steps of a path: `a.b[0][x.y/z]` is a, b, 0, x.y/z. */
function pathSteps(path: string): string[] {
  return (path.match(/\[[^\]]*\]|[^.[\]]+/g) ?? []).map((step) => step.replace(/^\[|\]$/g, ""));
}

/** Builds the tree of positions from the parser's events. */
class EventReader {
  readonly #events: readonly Event[];
  readonly #text: string;
  #next = 0;

  constructor(events: readonly Event[], text: string) {
    this.#events = events;
    this.#text = text;
  }

  document(): TextNode | undefined {
    this.#next = 1; // after the event that opens the document
    return this.#events[1] === undefined || this.#isPop() ? undefined : this.#node();
  }

  #node(): TextNode {
    const event = this.#events[this.#next++];
    switch (event?.type) {
      case EVENT_ID.MAPPING:
        return this.#mapping(event.start);
      case EVENT_ID.SEQUENCE:
        return this.#sequence(event.start);
      case EVENT_ID.SCALAR:
        return {
          start: event.valueStart,
          isScalar: true,
          fields: NO_FIELDS,
          items: [],
          keyStart: -1,
        };
      case EVENT_ID.ALIAS:
        return {
          start: event.anchorStart,
          isScalar: true,
          fields: NO_FIELDS,
          items: [],
          keyStart: -1,
        };
      default:
        throw new Error(`unexpected YAML event ${JSON.stringify(event)}`);
    }
  }

  #mapping(start: number): TextNode {
    const fields = new Map<string, TextNode>();
    while (!this.#isPop()) {
      const keyEvent = this.#events[this.#next];
      const name = keyEvent?.type === EVENT_ID.SCALAR ? getScalarValue(this.#text, keyEvent) : "";
      const key = this.#node();
      const value = this.#node();
      value.keyStart = key.start;
      fields.set(name, value);
    }
    this.#next++;
    return { start, isScalar: false, fields, items: [], keyStart: -1 };
  }

  #sequence(start: number): TextNode {
    const items: TextNode[] = [];
    while (!this.#isPop()) items.push(this.#node());
    this.#next++;
    return { start, isScalar: false, fields: NO_FIELDS, items, keyStart: -1 };
  }

  #isPop(): boolean {
    return this.#events[this.#next]?.type === EVENT_ID.POP;
  }
}
