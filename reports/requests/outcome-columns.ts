/** How requests end, as columns: `ok`, `failed`, and one for each way to fail. */
import type { CallOutcome } from "../../sim/api/index.ts";

/** Place of each outcome in counts and columns. The order is from the client to the pod's answer. */
const PLACES: Readonly<Record<CallOutcome, number>> = {
  ok: 0,
  "name-unknown": 1,
  "name-timeout": 2,
  "no-route": 3,
  "no-endpoints": 4,
  "connection-refused": 5,
  "connect-timeout": 6,
  "queue-full": 7,
  "connection-reset": 8,
  timeout: 9,
  error: 10,
  "upstream-failure": 11,
};

/** All outcomes, by place. */
export const callOutcomes = (Object.keys(PLACES) as CallOutcome[]).sort(
  (a, b) => PLACES[a] - PLACES[b],
);

/** Columns of requests by how they ended: `ok` and `failed` are all of them. */
export const outcomeColumns = [
  "ok",
  "failed",
  ...callOutcomes.slice(1).map((outcome) => outcome.replaceAll("-", "_")),
];

/** Requests by how they ended. */
export class OutcomeCounts {
  readonly #counts = new Array<number>(callOutcomes.length).fill(0);
  total = 0;
  ok = 0;

  add(outcome: CallOutcome): void {
    this.total++;
    if (outcome === "ok") {
      this.ok++;
      return;
    }
    const place = PLACES[outcome];
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  merge(other: OutcomeCounts): void {
    this.total += other.total;
    this.ok += other.ok;
    for (const [place, count] of other.#counts.entries())
      this.#counts[place] = (this.#counts[place] ?? 0) + count;
  }

  /** Failed ones by how they failed, the commonest first. */
  failures(): [CallOutcome, number][] {
    return callOutcomes
      .map((outcome, place): [CallOutcome, number] => [outcome, this.#counts[place] ?? 0])
      .filter(([outcome, count]) => outcome !== "ok" && count > 0)
      .sort(([a, x], [b, y]) => y - x || PLACES[a] - PLACES[b]);
  }

  /** The cells of `outcomeColumns`. */
  cells(): number[] {
    return [this.ok, this.total - this.ok, ...this.#counts.slice(1)];
  }
}
