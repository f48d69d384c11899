/** NamespaceUses: what each tenant got (namespaces.csv), and how even that was. */
import { resourceStems } from "../resource-columns.ts";
import { NEVER, type RowSink, secondsCell } from "../row.ts";
import { SampleSeries } from "../sample-series.ts";
import { boundedSlowdown } from "./bounded-slowdown.ts";
import { FINISHED, type PodSample } from "./pod-sample.ts";

/** Columns of namespaces.csv for these resources, in order. */
export function namespaceColumns(resources: readonly string[]): string[] {
  const stems = resourceStems(resources);
  return [
    "namespace",
    "pods_created",
    "pods_scheduled",
    "pods_finished",
    "pods_never_scheduled",
    "scheduling_wait_mean_s",
    "scheduling_wait_p99_s",
    "pod_slowdown_n",
    "pod_slowdown_mean",
    ...stems.map((stem) => `${stem}_seconds`),
    ...stems.map((stem) => `${stem}_share_of_use`),
  ];
}

/** Waits kept for a namespace's quantiles: 32 KiB at most; beyond, a histogram. Our choice. */
const EXACT_SAMPLES = 4_096;

class NamespaceUse {
  created = 0;
  scheduled = 0;
  finished = 0;
  readonly waits = new SampleSeries(EXACT_SAMPLES);
  slowdownSum = 0;
  slowdowns = 0;
  /** Requested amount times seconds on a node, by resource. */
  readonly amountSeconds: Float64Array;

  constructor(resources: number) {
    this.amountSeconds = new Float64Array(resources);
  }
}

export class NamespaceUses {
  readonly #resources: readonly string[];
  readonly #uses = new Map<string, NamespaceUse>();

  /** `resources`: those to report. */
  constructor(resources: readonly string[]) {
    this.#resources = resources;
  }

  add(sample: PodSample): void {
    const use = this.#useOf(sample.namespace);
    use.created++;
    if ((sample.flags & FINISHED) !== 0) use.finished++;
    if (sample.waitUs !== NEVER) {
      use.scheduled++;
      use.waits.add(sample.waitUs);
    }
    if (sample.completionUs !== NEVER) {
      use.slowdowns++;
      use.slowdownSum += boundedSlowdown(sample.completionUs, sample.runUs);
    }
    if (sample.heldUs === NEVER) return;
    const { amountSeconds } = use;
    for (let i = 0; i < amountSeconds.length; i++) {
      const amount = sample.requests.get(this.#resources[i] ?? "") ?? 0;
      amountSeconds[i] = (amountSeconds[i] ?? 0) + (amount * sample.heldUs) / 1_000_000;
    }
  }

  /** Ordered by name. */
  writeRows(sink: RowSink): void {
    const sorted = this.#sorted();
    const totals = this.#resources.map((_, i) =>
      sorted.reduce((sum, [, { amountSeconds }]) => sum + (amountSeconds[i] ?? 0), 0),
    );
    for (const [name, use] of sorted) {
      const { created, scheduled, finished, waits, slowdowns, slowdownSum } = use;
      const amounts = [...use.amountSeconds];
      sink([
        ...[name, created, scheduled, finished, created - scheduled],
        waits.count === 0 ? "" : secondsCell(waits.meanUs()),
        waits.count === 0 ? "" : secondsCell(waits.quantileUs(0.99)),
        slowdowns,
        slowdowns === 0 ? "" : (slowdownSum / slowdowns).toFixed(6),
        ...amounts.map((amount) => amount.toFixed(3)),
        ...amounts.map((amount, i) => shareCell(amount, totals[i] ?? 0)),
      ]);
    }
  }

  /**
   * Jain's index over the namespaces' mean slowdowns (Jain, Chiu and Hawe 1984, "A quantitative
   * measure of fairness and discrimination"): 1 when all are alike, 1/n when one has it all.
   * undefined: fewer than two namespaces have one.
   */
  fairness(): number | undefined {
    let [sum, squares, count] = [0, 0, 0];
    for (const [, { slowdowns, slowdownSum }] of this.#sorted()) {
      if (slowdowns === 0) continue;
      const mean = slowdownSum / slowdowns;
      sum += mean;
      squares += mean * mean;
      count++;
    }
    return count < 2 ? undefined : (sum * sum) / (count * squares);
  }

  #sorted(): [string, NamespaceUse][] {
    return [...this.#uses].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #useOf(namespace: string): NamespaceUse {
    let use = this.#uses.get(namespace);
    if (use === undefined) {
      use = new NamespaceUse(this.#resources.length);
      this.#uses.set(namespace, use);
    }
    return use;
  }
}

const shareCell = (part: number, whole: number): string =>
  whole === 0 ? "" : (part / whole).toFixed(6);
