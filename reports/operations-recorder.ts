/** OperationsRecorder: what users did and what they were told (operations.csv). */
import type { Trace, UserOperationFact } from "../sim/api/index.ts";
import { type RowSink, secondsCell } from "./row.ts";

/** Columns of operations.csv, in order. */
export const operationColumns = [
  "issued_s",
  "ended_s",
  "user",
  "source",
  "verb",
  "kind",
  "namespace",
  "name",
  "code",
  "reason",
  "message",
] as const;

/** Operations that the cluster refused in words that differ in their numbers and names only. */
export interface RefusedGroup {
  readonly operations: number;
  /** Verb, kind and `namespace/name` of the first of them: `create Pod default/a`. */
  readonly first: string;
  /** HTTP status code. */
  readonly code: number;
  /** The message to the first. */
  readonly why: string;
}

export class OperationsRecorder {
  readonly #sink: RowSink | undefined;
  readonly #refused = new Map<string, { -readonly [K in keyof RefusedGroup]: RefusedGroup[K] }>();
  count = 0;
  failed = 0;

  /** Without a sink there are no rows, only counts. */
  constructor(sink?: RowSink) {
    this.#sink = sink;
  }

  attach(trace: Trace): void {
    trace.userOperation.subscribe((fact) => this.#ended(fact));
  }

  /** The largest group first; equal ones by their words. */
  refused(): RefusedGroup[] {
    const groups = [...this.#refused.entries()];
    groups.sort(([a, x], [b, y]) => y.operations - x.operations || (a < b ? -1 : 1));
    return groups.map(([, group]) => ({ ...group }));
  }

  #ended(fact: UserOperationFact): void {
    this.count++;
    if (isRefused(fact)) this.#count(fact);
    if (this.#sink === undefined) return;
    const { user, key, issuedUs, endUs, source, verb, kind, code, reason, message } = fact;
    const slash = key.indexOf("/");
    const namespace = slash < 0 ? "" : key.slice(0, slash);
    const times = [secondsCell(issuedUs), secondsCell(endUs)];
    const about = [user, source, verb, kind, namespace, key.slice(slash + 1)];
    this.#sink([...times, ...about, code, reason, message]);
  }

  #count({ verb, kind, key, code, reason, message }: UserOperationFact): void {
    this.failed++;
    const words = `${verb} ${kind} ${code} ${reason}`;
    const group = this.#refused.get(words);
    if (group !== undefined) group.operations++;
    else
      this.#refused.set(words, {
        operations: 1,
        first: `${verb} ${kind} ${key}`,
        code,
        why: message,
      });
  }
}

const isRefused = ({ code }: UserOperationFact): boolean => code < 200 || code >= 400;
