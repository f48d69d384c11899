/** A text file of any size that is there whole or not at all. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { outputError } from "../../reports/index.ts";

export class FileSink {
  readonly #path: string;
  readonly #partial: string;
  readonly #file: number;
  #isOpen = true;

  /** Throws InputError, here and in all methods, for what cannot be written. */
  constructor(path: string) {
    this.#path = path;
    this.#partial = `${path}.partial`;
    this.#file = this.#do(() => openSync(this.#partial, "w"));
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; )
      at += this.#do(() => writeSync(this.#file, bytes, at, bytes.length - at));
  }

  /** Gives the file its name. */
  publish(): void {
    this.#close();
    this.#do(() => renameSync(this.#partial, this.#path));
  }

  /** Leaves nothing behind. */
  discard(): void {
    this.#close();
    rmSync(this.#partial, { force: true });
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
  }

  #do<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw outputError(this.#path, error);
    }
  }
}
