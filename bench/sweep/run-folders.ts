/**
 * The folders of a sweep's runs: `runs/<key>`. A folder appears whole, by renaming, or not at all;
 * what it holds is written down in its `done.json`, so that damage is seen.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { outputError } from "../../reports/index.ts";

const DONE = "done.json";

/** Name and size of each file of a finished run, and the hash of its bytes. */
interface DoneRecord {
  readonly key: string;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

/** `whole`, `absent`, or what is wrong with it. */
export type FolderState = "whole" | "absent" | { readonly fault: string };

export class RunFolders {
  readonly directory: string;

  /** `results`: absolute folder of the sweep's results. */
  constructor(results: string) {
    this.directory = join(results, "runs");
  }

  /** Makes `runs/` and removes what processes that are gone left unfinished there. */
  prepare(): void {
    try {
      mkdirSync(this.directory, { recursive: true });
      for (const name of readdirSync(this.directory))
        if (isAbandoned(name)) rmSync(join(this.directory, name), { recursive: true, force: true });
    } catch (error) {
      throw outputError(this.directory, error);
    }
  }

  path(key: string): string {
    return join(this.directory, key);
  }

  /** Keys of the folders that are there, sorted. */
  keys(): string[] {
    if (!existsSync(this.directory)) return [];
    return readdirSync(this.directory)
      .filter((name) => /^[0-9a-f]+$/.test(name))
      .sort();
  }

  /** A folder for the run to write to, which nobody takes for a finished one. */
  begin(key: string): string {
    const path = join(this.directory, unfinishedName(key));
    rmSync(path, { recursive: true, force: true });
    return path;
  }

  /** Gives what was begun its place. When another process was faster, its folder stays. */
  finish(key: string, begun: string): void {
    try {
      const files = Object.fromEntries(
        readdirSync(begun)
          .filter((name) => name !== DONE)
          .sort()
          .map((name) => [name, fileFacts(join(begun, name))]),
      );
      const record: DoneRecord = { key, files };
      writeFileSync(join(begun, DONE), `${JSON.stringify(record, undefined, 1)}\n`);
      renameSync(begun, this.path(key));
    } catch (error) {
      rmSync(begun, { recursive: true, force: true });
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOTEMPTY" || code === "EEXIST") return;
      throw outputError(this.path(key), error);
    }
  }

  discard(begun: string): void {
    rmSync(begun, { recursive: true, force: true });
  }

  /** Removes what threads of this process left unfinished: call when none of them works any more. */
  discardOwn(): void {
    if (!existsSync(this.directory)) return;
    for (const name of readdirSync(this.directory))
      if (ownerOf(name)?.isThisProcess === true) this.discard(join(this.directory, name));
  }

  /** Whether a run is there and undamaged: every file is read. */
  state(key: string): FolderState {
    const path = this.path(key);
    if (!existsSync(path)) return "absent";
    const record = readRecord(join(path, DONE));
    if (record === undefined || record.key !== key)
      return { fault: `${DONE} is missing or cannot be read` };
    for (const [name, { bytes, sha256 }] of Object.entries(record.files)) {
      const file = join(path, name);
      if (!existsSync(file)) return { fault: `${name} is missing` };
      const size = statSync(file).size;
      if (size !== bytes) return { fault: `${name} has ${size} bytes, want ${bytes}` };
      if (fileFacts(file).sha256 !== sha256) return { fault: `${name} was changed` };
    }
    return "whole";
  }

  /** Puts a damaged folder aside, for whoever wants to look; returns its new name. */
  setAside(key: string): string {
    for (let i = 1; ; i++) {
      const name = `${key}.damaged-${i}`;
      if (existsSync(join(this.directory, name))) continue;
      renameSync(this.path(key), join(this.directory, name));
      return name;
    }
  }
}

function fileFacts(path: string): { bytes: number; sha256: string } {
  const content = readFileSync(path);
  return { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}

function readRecord(path: string): DoneRecord | undefined {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as DoneRecord;
    return typeof value.files === "object" && value.files !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `.<key>.<host>.<process>.<thread>`: says whose it is, so that only the dead lose theirs. */
const unfinishedName = (key: string): string =>
  `.${key}.${hostname().replaceAll(".", "-")}.${process.pid}.${threadId}`;

function ownerOf(
  name: string,
): { isThisHost: boolean; pid: number; isThisProcess: boolean } | undefined {
  const found = /^\.[0-9a-f]+\.([^.]+)\.(\d+)\.\d+$/.exec(name);
  if (found === null) return undefined;
  const isThisHost = found[1] === hostname().replaceAll(".", "-");
  const pid = Number(found[2]);
  return { isThisHost, pid, isThisProcess: isThisHost && pid === process.pid };
}

function isAbandoned(name: string): boolean {
  const owner = ownerOf(name);
  if (owner === undefined || !owner.isThisHost || owner.isThisProcess) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
