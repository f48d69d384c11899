import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ArrivalBuffer } from "./arrival-buffer.ts";
import { Digest } from "./digest.ts";
import { HopLatency } from "./hop-latency.ts";
import { type HandlerId, Kernel } from "./kernel.ts";
import type { SimEvent } from "./sim-event.ts";

/** A customer of the toy world; waits with a timer that its service cancels. */
class Customer {
  id: number;
  patience: SimEvent | undefined = undefined;
  constructor(id: number) {
    this.id = id;
  }
}

interface ShopState {
  waiting: Customer[];
  busy: Customer | undefined;
  left: Set<Customer>;
  visits: Map<number, Customer>;
  digest: Digest;
  /** Never changes: forks share it. */
  readonly sign: { readonly text: string };
}

/** A toy world with all that a state may hold: one server, a queue, impatience, arrivals. */
class Shop {
  state: ShopState = {
    waiting: [],
    busy: undefined,
    left: new Set(),
    visits: new Map(),
    digest: new Digest(),
    sign: { text: "open" },
  };
  readonly kernel: Kernel;
  readonly arrivals: ArrivalBuffer<number>;
  readonly #service: HopLatency;
  readonly #onServed: HandlerId<Customer>;
  readonly #onPatienceEnd: HandlerId<Customer>;
  readonly #onSweep: HandlerId;

  constructor(seed: string) {
    const kernel = new Kernel(seed);
    this.kernel = kernel;
    this.#service = new HopLatency(seed, "exponential(mean=80ms)", "service");
    this.#onServed = kernel.handler<Customer, unknown>("served", (customer) => this.#end(customer));
    this.#onPatienceEnd = kernel.handler<Customer, unknown>("patience", (customer) => {
      this.state.waiting = this.state.waiting.filter((other) => other !== customer);
      this.state.left.add(customer);
      this.#write("left", customer.id);
    });
    this.#onSweep = kernel.handler<unknown, unknown>("sweep", () => this.#sweep());
    this.arrivals = kernel.arrivals(
      "customers",
      kernel.handler<number, undefined>("arrive", (id) => this.#arrive(id)),
    );
    kernel.keep("shop", this);
    this.#sweep();
  }

  get hex(): string {
    return this.state.digest.hex;
  }

  #arrive(id: number): void {
    const customer = new Customer(id);
    const patienceUs = Math.floor(this.kernel.stream("patience").next() * 20_000_000);
    customer.patience = this.kernel.after(patienceUs, this.#onPatienceEnd, customer, undefined);
    this.state.visits.set(id, customer);
    this.state.waiting.push(customer);
    this.#write("arrive", id);
    this.#next();
  }

  #next(): void {
    const { state } = this;
    if (state.busy !== undefined) return;
    state.busy = state.waiting.shift();
    if (state.busy === undefined) return;
    this.kernel.cancel(state.busy.patience!);
    this.kernel.after(this.#service.us(state.busy.id, 0), this.#onServed, state.busy, undefined);
  }

  #end(customer: Customer): void {
    // True only if the timer that was copied is the one that the copied queue holds.
    if (customer.patience?.cancelled !== true) throw new Error("served, and yet impatient");
    this.state.busy = undefined;
    this.#write("served", customer.id);
    this.#next();
  }

  #sweep(): void {
    this.state.left.clear();
    const dueUs = this.kernel.nowUs + 1_000_000;
    this.kernel.background(dueUs, this.#onSweep, undefined, undefined);
  }

  #write(what: string, id: number): void {
    this.state.digest.addString(what).add(id).add(this.kernel.nowUs).add(this.state.left.size);
  }
}

function openShop(seed = "1"): Shop {
  const shop = new Shop(seed);
  for (let id = 0; id < 400; id++) shop.arrivals.append(id * 60_000 + (id % 7) * 5_000, id);
  shop.arrivals.close();
  return shop;
}

const END_US = 1e12;
const isShared = (object: object): boolean => "text" in object;

describe("a fork", () => {
  test("goes on to the same end as the run it left, and neither disturbs the other", () => {
    const whole = openShop();
    expect(whole.kernel.run(END_US)).toBe("idle");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000_000 }), (forkUs) => {
        const first = openShop();
        first.kernel.run(forkUs);
        const snapshot = first.kernel.snapshot(isShared);
        const second = new Shop("1");
        second.kernel.restore(snapshot);
        expect(second.hex).toBe(first.hex);
        first.kernel.run(END_US);
        second.kernel.run(END_US);
        const third = new Shop("1"); // the snapshot was not changed by what came after
        third.kernel.restore(snapshot);
        third.kernel.run(END_US);
        for (const shop of [first, second, third]) {
          expect(shop.hex).toBe(whole.hex);
          expect(shop.kernel.dispatched).toBe(whole.kernel.dispatched);
          expect(shop.kernel.nowUs).toBe(whole.kernel.nowUs);
        }
      }),
      { seed: 2, numRuns: 25 },
    );
  });

  test("shares what never changes, copies the rest", () => {
    const shop = openShop();
    shop.kernel.run(5_000_000);
    const fork = new Shop("1");
    fork.kernel.restore(shop.kernel.snapshot(isShared));
    expect(fork.state.sign).toBe(shop.state.sign);
    expect(fork.state.visits.get(3)).toEqual(shop.state.visits.get(3));
    expect(fork.state.visits.get(3)).not.toBe(shop.state.visits.get(3));
  });

  test("numbers and describes its events as the run it left, and can be forked itself", () => {
    const shop = openShop();
    shop.kernel.run(5_000_000);
    const child = new Shop("1");
    child.kernel.restore(shop.kernel.snapshot(isShared));
    child.kernel.run(6_000_000);
    const grandchild = new Shop("1");
    grandchild.kernel.restore(child.kernel.snapshot(isShared));
    for (const one of [shop, child, grandchild]) one.kernel.run(7_000_000);
    const lines = [shop, child, grandchild].map(({ kernel }) =>
      kernel.pending().map((event) => kernel.describe(event)),
    );
    expect(lines[0]!.length).toBeGreaterThan(10);
    expect(lines[1]).toEqual(lines[0]);
    expect(lines[2]).toEqual(lines[0]);
  });

  test("may take another future", () => {
    const shop = openShop();
    shop.kernel.run(5_000_000);
    const snapshot = shop.kernel.snapshot(isShared);
    const other = new Shop("1");
    other.kernel.restore(snapshot);
    other.kernel.stream("patience").next(); // one more draw
    shop.kernel.run(END_US);
    other.kernel.run(END_US);
    expect(other.hex).not.toBe(shop.hex);
  });

  test("the same kernel can go back, streams included", () => {
    const shop = openShop();
    shop.kernel.run(5_000_000);
    const snapshot = shop.kernel.snapshot(isShared);
    shop.kernel.stream("later").next();
    shop.kernel.run(END_US);
    const end = shop.hex;
    const later = shop.kernel.stream("later");
    shop.kernel.restore(snapshot);
    expect(shop.kernel.nowUs).toBe(5_000_000);
    expect(later.next()).toBe(new Kernel("1").stream("later").next());
    shop.kernel.run(END_US);
    expect(shop.hex).toBe(end);
  });

  test.each([
    ["another seed", new Shop("2"), 'seed differ at 0: snapshot has "1", this has "2"'],
    ["other handlers", { kernel: new Kernel("1") }, 'snapshot has "served", this has "undefined"'],
  ])("is refused by a kernel with %s", (_, { kernel }, message) => {
    const snapshot = openShop().kernel.snapshot(isShared);
    expect(() => kernel.restore(snapshot)).toThrow(message);
  });

  test("is refused where a state holds a closure, naming it", () => {
    const kernel = new Kernel("1");
    kernel.keep("bad", { state: { retries: [{ next: () => {} }] } });
    expect(() => kernel.snapshot()).toThrow("a function at states(bad).retries[0].next");
  });

  test("is refused where a queued event holds a component", () => {
    const kernel = new Kernel("1");
    const wake = kernel.handler("wake", (_who: Kernel) => {});
    kernel.at(1, wake, kernel, undefined);
    expect(() => kernel.snapshot()).toThrow("a Kernel, whose class has #private members at events");
  });
});
