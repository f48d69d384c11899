/**
 * UsageModel: what an annotation says about a usage or a metric, as a sum of terms.
 *
 *   `100m`, `60%`, `0s=1, 30s=50m`   by the age of the container
 *   `clock: 0s=100m, 10m~1`          by virtual time
 *   `share: 0s=500m, 10m~8`          a load of many pods by virtual time, divided among the ready ones
 *   `clock: NAME`, `share: NAME`     the same by a series of the setting metrics.series
 *   `50m + share: web`               both together
 */
import { InputError, nearestName } from "../kernel/index.ts";
import { type Profile, parseProfile } from "./profile.ts";

export interface UsageTerm {
  /** By the container's age, by virtual time, or by virtual time and divided among ready pods. */
  readonly kind: "age" | "clock" | "share";
  readonly profile: Profile;
  /** The text after the prefix. */
  readonly text: string;
  /** Whether that is the name of a series. */
  readonly isNamed: boolean;
}

export type UsageModel = readonly UsageTerm[];

/** Texts of annotations that are remembered; emptied when full. */
const MEMO_ENTRIES_MAX = 4096;

/** Reads the texts of annotations; knows the named series. */
export class UsageModels {
  readonly #series = new Map<string, Profile>();
  readonly #memo = new Map<string, UsageModel>();

  /** `series` as in the options. Throws InputError for one that cannot be read. */
  constructor(series: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(series)) {
      const profile = parseProfile(text);
      if (typeof profile === "string") throw malformed(`metrics.series.${name}`, text, profile);
      if (profile.isRelative) {
        throw malformed(`metrics.series.${name}`, text, "a series has no request to be a share of");
      }
      this.#series.set(name, profile);
    }
  }

  /** The series of this name. */
  series(name: string): Profile | undefined {
    return this.#series.get(name);
  }

  /** The model of a text; `where` is for messages. Throws InputError. */
  parse(text: string, where: string): UsageModel {
    const known = this.#memo.get(text);
    if (known !== undefined) return known;
    const model = text.split(/\s\+\s/).map((term) => this.#term(term.trim(), text, where));
    if (this.#memo.size >= MEMO_ENTRIES_MAX) this.#memo.clear();
    this.#memo.set(text, model);
    return model;
  }

  #term(term: string, text: string, where: string): UsageTerm {
    const [, prefix, rest = term] = /^(clock|share):\s*(.*)$/.exec(term) ?? [];
    const kind = (prefix ?? "age") as UsageTerm["kind"];
    const named = kind === "age" ? undefined : this.#series.get(rest);
    const profile = named ?? parseProfile(rest);
    if (typeof profile === "string") {
      const near = kind === "age" ? undefined : nearestName(rest, [...this.#series.keys()]);
      const hint = near === undefined ? "" : `; did you mean the series ${near}?`;
      throw malformed(where, text, profile + hint);
    }
    if (kind === "share" && profile.isRelative) {
      throw malformed(where, text, "a load that is divided has no request to be a share of");
    }
    return { kind, profile, text: rest, isNamed: named !== undefined };
  }
}

function malformed(where: string, text: string, why: string): InputError {
  return new InputError(
    `${where}: got "${text}": ${why}. Want an amount (250m), a share of the request (60%), or a ` +
      `profile (0s=100m, 60s~400m); by virtual time after "clock: ", divided after "share: ".`,
  );
}
