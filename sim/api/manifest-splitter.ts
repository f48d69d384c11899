/**
 * ManifestSplitter cuts a stream of YAML (or JSON) text into its documents, without parsing them,
 * so that a file of any length is decoded one document at a time.
 *
 * A document ends at a line that begins with `---` or `...`, followed by a blank or the end of the
 * line, wherever it stands (YAML 1.2.2, section 9.1.2: not even a block scalar may contain one).
 * Directives (`%YAML 1.2`) belong to the document after their `---`. Documents that hold nothing
 * but comments may be left out or handed on; they parse to nothing.
 */
export interface ManifestDocument {
  readonly text: string;
  /** Line of the file at which the text begins, from 1. */
  readonly line: number;
}

const MARKER = /(?:^|\n)(---|\.\.\.)(?=[ \t\r\n])/g;
const PREAMBLE = /^(?:[ \t]*(?:#[^\n]*)?\r?\n|%[^\n]*\n)*$/;

export class ManifestSplitter {
  /** What has not been handed on yet; it begins at the beginning of a line. */
  #text = "";
  /** Line number of its beginning. */
  #line = 1;
  /** Up to here there is no further marker in it. */
  #scanned = 0;
  #isAtStart = true;

  /** Takes the next piece of the file, of any length; returns the documents that it completes. */
  push(chunk: string): ManifestDocument[] {
    if (this.#isAtStart && chunk !== "") {
      this.#isAtStart = false;
      this.#text = chunk.startsWith("\uFEFF") ? chunk.slice(1) : chunk;
    } else this.#text += chunk;
    const documents: ManifestDocument[] = [];
    for (;;) {
      MARKER.lastIndex = this.#scanned;
      const match = MARKER.exec(this.#text);
      if (match === null) break;
      const [whole, marker = ""] = match;
      this.#atMarker(marker, match.index + whole.length - marker.length, documents);
    }
    // A marker may be cut by the end of the chunk: it is at most the last four characters.
    this.#scanned = Math.max(this.#scanned, this.#text.length - 4);
    return documents;
  }

  /** The file has ended: returns what is left. */
  end(): ManifestDocument[] {
    const documents = this.push("\n"); // so that a marker in the last line is seen
    if (this.#text.trim() !== "") documents.push({ text: this.#text, line: this.#line });
    this.#text = "";
    return documents;
  }

  #atMarker(marker: string, position: number, documents: ManifestDocument[]): void {
    const text = this.#text.slice(0, position);
    const isPreamble = PREAMBLE.test(text);
    if (marker === "---" && (position === 0 || (isPreamble && text.includes("%")))) {
      this.#scanned = position + marker.length; // it begins the document that we are in
      return;
    }
    if (!isPreamble) documents.push({ text, line: this.#line });
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) this.#line++;
    this.#text = this.#text.slice(marker === "---" ? position : position + marker.length);
    this.#scanned = 0;
  }
}
