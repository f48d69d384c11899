/**
 * The hold model, the classical measure of an event queue: with N events pending, take the next one
 * and schedule another after a random delay, again and again. Through the whole kernel (checks,
 * handler dispatch, clock), against a bare tinyqueue of event objects that does nothing else.
 */
import type TinyQueue from "tinyqueue";
import { type HandlerId, Kernel } from "../../sim/kernel/index.ts";
import type { Bench, BenchRow } from "./bench.ts";
import { cpuClockNs } from "./cpu-clock.ts";
import { fastest } from "./fastest.ts";

/** Delays are uniform in 0..4 s (2^22 us), as in the trials that the goals come from. */
const DELAY_BITS = 22;
/** Delays are drawn beforehand, so that drawing costs both sides one array read. */
const delaysUs = drawDelays(1 << 16);

/** Goals: cost per event, as a multiple of the bare loop's cost at 1,000 pending. */
const SIZES = [
  { pending: 1_000, goal: 2 },
  { pending: 100_000, goal: 3 },
  { pending: 1_000_000, goal: 3 },
] as const;

export const kernelHold: Bench = {
  name: "kernel hold model",
  columns: ["pending", "queue", "ns/event", "M events/s", "vs bare", "vs bare at 10^3", "goal"],
  async run({ isQuick }) {
    const HeapClass = await freshTinyQueue();
    const rows: BenchRow[] = [];
    let bareAtThousandNs = 0;
    for (const { pending, goal } of SIZES) {
      const events = isQuick ? Math.max(200_000, pending) : Math.max(2_000_000, 2 * pending);
      const [bareNs, kernelNs] = fastest(isQuick ? 2 : 5, [
        makeBareHold(HeapClass, pending, events),
        makeKernelHold(pending, events),
      ]);
      if (pending === SIZES[0].pending) bareAtThousandNs = bareNs!;
      rows.push(row(pending, "bare tinyqueue", bareNs!, bareNs!, bareAtThousandNs, ""));
      rows.push(row(pending, "kernel", kernelNs!, bareNs!, bareAtThousandNs, `<= ${goal}`));
    }
    return rows;
  },
};

function row(
  pending: number,
  queue: string,
  ns: number,
  bareNs: number,
  bareAtThousandNs: number,
  goal: string,
): BenchRow {
  return [
    String(pending),
    queue,
    ns.toFixed(0),
    (1000 / ns).toFixed(2),
    (ns / bareNs).toFixed(2),
    (ns / bareAtThousandNs).toFixed(2),
    goal,
  ];
}

/** A trial: prepares a queue with `pending` events, then times `events` holds; ns per event. */
type Trial = () => number;

interface BareEvent {
  timeUs: number;
  seq: number;
  handler: number;
  a: number;
  b: number;
}

function makeBareHold(HeapClass: typeof TinyQueue, pending: number, events: number): Trial {
  return () => {
    const queue = new HeapClass<BareEvent>([], (x, y) => x.timeUs - y.timeUs || x.seq - y.seq);
    let seq = 0;
    const schedule = (timeUs: number): void => {
      queue.push({ timeUs, seq: seq++, handler: 0, a: seq, b: 0 });
    };
    for (let i = 0; i < pending; i++) schedule(delayOf(i));
    const hold = (count: number): void => {
      for (let i = 0; i < count; i++) schedule(queue.pop()!.timeUs + delayOf(seq));
    };
    hold(pending);
    return time(events, () => hold(events));
  };
}

function makeKernelHold(pending: number, events: number): Trial {
  return () => {
    const kernel = new Kernel("bench");
    let left = pending;
    const hold: HandlerId<number, number> = kernel.handler("hold", (count: number, b: number) => {
      if (left-- <= 0) return;
      kernel.after(delayOf(count), hold, count + pending, b);
    });
    for (let i = 0; i < pending; i++) kernel.at(delayOf(i), hold, i, 0);
    // The warm-up and the measured part end by time, so that the queue stays full.
    const meanUs = (1 << DELAY_BITS) / 2;
    left = Number.POSITIVE_INFINITY;
    kernel.run(meanUs);
    const from = kernel.dispatched;
    const untilUs = kernel.nowUs + Math.round((meanUs * events) / pending);
    const ns = time(1, () => kernel.run(untilUs));
    return ns / (kernel.dispatched - from);
  };
}

function time(events: number, work: () => void): number {
  const from = cpuClockNs();
  work();
  return (cpuClockNs() - from) / events;
}

function delayOf(index: number): number {
  return delaysUs[index & (delaysUs.length - 1)]!;
}

function drawDelays(count: number): Int32Array {
  const delays = new Int32Array(count);
  let state = 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0; // Numerical Recipes' generator
    delays[i] = state >>> (32 - DELAY_BITS);
  }
  return delays;
}

/**
 * A copy of the tinyqueue module of its own: the compiler specialises its loops for what they meet,
 * and the kernel's heap holds numbers, so one shared copy would slow down the bare loop.
 */
async function freshTinyQueue(): Promise<typeof TinyQueue> {
  const module = await import(`${import.meta.resolve("tinyqueue")}?bare`);
  return (module as { default: typeof TinyQueue }).default;
}
