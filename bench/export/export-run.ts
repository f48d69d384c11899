/** A recorded run in the format of another tool: it is repeated, and written down on the way. */
import { resolve } from "node:path";
import { InputError, type Micros } from "../../sim/kernel/index.ts";
import { type RepeatHooks, type RepeatQuery, repeatRun } from "../repeat/index.ts";
import { type ExportFormat, exportFormat, type RunExporter } from "./export-formats.ts";
import { FileSink } from "./file-sink.ts";

export interface ExportQuery extends RepeatQuery {
  readonly format: ExportFormat;
  /** A file, or a function that takes the text piece by piece; absent: `RUN/run.trace.json` or such. */
  readonly out?: string | ((text: string) => void) | undefined;
  /** What ended before is left out; 0 if absent. */
  readonly sinceUs?: Micros | undefined;
  /** The run is repeated up to there; absent: to its end. */
  readonly untilUs?: Micros | undefined;
  /** Between two samples of `openmetrics`: whole seconds, 1 or more; absent: see its recorder. */
  readonly intervalUs?: Micros | undefined;
  /** Share of requests to Services in `perfetto`, 0..1; absent: 0.01, our choice. */
  readonly requestShare?: number | undefined;
  /** Series for each pod and node in `openmetrics`, too. */
  readonly perObject?: boolean | undefined;
}

export interface ExportedRun {
  /** `openb / default / seed 1` */
  readonly run: string;
  /** The file; undefined where the text went to a function. */
  readonly path: string | undefined;
  readonly bytes: number;
  readonly endUs: Micros;
  /** Writes that are known to be the recorded ones. */
  readonly verifiedWrites: number;
  /** The export goes to the run's own end. */
  readonly isWhole: boolean;
}

const REQUEST_SHARE = 0.01;

/**
 * Rejects with InputError for a user's mistake, where the run cannot be repeated or the file cannot
 * be written, or with the signal's reason. No file is left then.
 */
export async function exportRun(query: ExportQuery, hooks: RepeatHooks): Promise<ExportedRun> {
  refuseValues(query);
  const { out = defaultPath(query), workingDirectory } = query;
  if (typeof out === "function") return repeat(query, hooks, () => out, undefined);
  const path = resolve(workingDirectory, out);
  let sink: FileSink | undefined;
  const open = () => {
    const opened = new FileSink(path);
    sink = opened;
    return (text: string) => opened.write(text);
  };
  try {
    const exported = await repeat(query, hooks, open, path);
    sink?.publish();
    return exported;
  } catch (error) {
    sink?.discard();
    throw error;
  }
}

/** `open` is called once the run is found and about to begin: a wrong folder is told first. */
async function repeat(
  query: ExportQuery,
  hooks: RepeatHooks,
  open: () => (text: string) => void,
  path: string | undefined,
): Promise<ExportedRun> {
  const { format, sinceUs = 0, untilUs, intervalUs, perObject = false } = query;
  const { requestShare = REQUEST_SHARE } = query;
  let pieces: Pieces | undefined;
  let exporter: RunExporter | undefined;
  const repeated = await repeatRun(query, hooks, {
    attach: (cluster, scheduler) => {
      const opened = new Pieces(open());
      pieces = opened;
      const write = (text: string): void => opened.add(text);
      const options = { sinceUs, intervalUs, perObject, requestShare, write };
      exporter = exportFormat(format).create(options);
      exporter.attach(cluster, scheduler);
    },
    isDone: () => false,
    ...(untilUs === undefined ? {} : { untilUs }),
  });
  const { labels, endUs, isWhole, verifiedWrites } = repeated;
  const { policy, workload, seed } = labels;
  exporter?.finish(endUs, { policy, workload, seed, stowage: hooks.version });
  pieces?.flush();
  const run = `${workload} / ${policy} / seed ${seed}`;
  return { run, path, bytes: pieces?.bytes ?? 0, endUs, verifiedWrites, isWhole };
}

/** Characters that go out together. */
const PIECE = 1 << 18;

/** Makes few large pieces of many small ones. */
class Pieces {
  readonly #write: (text: string) => void;
  #text = "";
  /** Of all that went out. */
  bytes = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE) this.flush();
  }

  flush(): void {
    this.bytes += Buffer.byteLength(this.#text);
    this.#write(this.#text);
    this.#text = "";
  }
}

/** Beside the run's own files. */
function defaultPath({ run, format }: ExportQuery): string {
  const { suffix } = exportFormat(format);
  return run.endsWith(".json") ? resolve(run, "..", `run.${suffix}`) : `${run}/run.${suffix}`;
}

function refuseValues({ sinceUs = 0, untilUs, intervalUs, requestShare = 0 }: ExportQuery): void {
  const refuse = (name: string, found: string, wanted: string): never => {
    throw new InputError(`${name}: got ${found}, want ${wanted}.`);
  };
  if (untilUs !== undefined && untilUs <= sinceUs)
    refuse("until", seconds(untilUs), `a time after since (${seconds(sinceUs)})`);
  if (intervalUs !== undefined && (intervalUs < 1_000_000 || intervalUs % 1_000_000 !== 0))
    refuse("interval", seconds(intervalUs), "whole seconds, 1 or more");
  if (!(requestShare >= 0 && requestShare <= 1))
    refuse("requests", String(requestShare), "a share between 0 and 1");
}

const seconds = (us: Micros): string => `${us / 1_000_000} s`;
