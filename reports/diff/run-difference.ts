/** Where two runs part, as plain data: what `stowage diff --format json` prints. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { RunDigests } from "../digest-recorder.ts";
import type { CycleAccount } from "../explain/index.ts";
import type { RunLabels } from "../summary.ts";

/** A setting that the two runs do not share; undefined: one of them has it not. */
export interface SettingDifference {
  /** `cluster.scheduler.ties` */
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** A decision: which pod, and where it went. */
export interface DecisionSide {
  /** `namespace/name` */
  readonly pod: string;
  readonly attempt: CycleAccount;
}

/** A write to etcd. */
export interface WriteSide {
  readonly timeUs: Micros;
  /** ADDED | MODIFIED | DELETED */
  readonly type: string;
  readonly kind: string;
  readonly key: string;
  /** Of a pod: its node and phase. */
  readonly detail: string;
}

/** The first thing in which the runs differ; a side is undefined where that run did no more. */
export interface Parting<Side> {
  /** How many before it are alike. */
  readonly same: number;
  readonly a: Side | undefined;
  readonly b: Side | undefined;
}

export interface RunDifference {
  readonly a: RunLabels;
  readonly b: RunLabels;
  readonly settings: readonly SettingDifference[];
  /** Input files that are others, or whose content is another. */
  readonly inputs: readonly string[];
  /** Decisions in which pod, attempt and node are alike before the runs part, or in all. */
  readonly sameDecisions: number;
  /** undefined: all decisions are alike. */
  readonly parting: Parting<DecisionSide> | undefined;
  /** Why, as far as it can be read off the two sides; the most telling first. */
  readonly reasons: readonly string[];
  /** Writes that are alike (time, kind of change, object, a pod's node and phase). */
  readonly sameWrites: number;
  /** undefined: all writes are alike. */
  readonly write: Parting<WriteSide> | undefined;
  /** Of whole runs; undefined: one was not repeated to its end. */
  readonly digests: { readonly a: RunDigests; readonly b: RunDigests } | undefined;
}

/** Where the two configurations differ, by path, in order. */
export function settingDifferences(a: unknown, b: unknown, path = ""): SettingDifference[] {
  if (isMapping(a) && isMapping(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
    const [own, other] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
    return names.flatMap((name) =>
      settingDifferences(own.get(name), other.get(name), path === "" ? name : `${path}.${name}`),
    );
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.flatMap((item, i) => settingDifferences(item, b[i], `${path}[${i}]`));
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ path, a, b }];
}

const isMapping = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
