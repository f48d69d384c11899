import { describe, expect, test } from "vitest";
import { Kernel } from "./kernel.ts";

const never = (): boolean => false;

/** A component that counts to ten, a step each millisecond, and remembers what it was told. */
class Counter {
  state = { count: 0, seen: new Map<string, number>() };
  readonly #kernel: Kernel;
  readonly #step;

  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#step = kernel.handler(`${name}/step`, () => this.#onStep());
    kernel.keep(name, this);
  }

  start(): void {
    this.#kernel.after(1_000, this.#step, undefined, undefined);
  }

  #onStep(): void {
    this.state.count++;
    this.state.seen.set("now", this.#kernel.nowUs);
    if (this.state.count < 10) this.start();
  }
}

function newWorld() {
  const kernel = new Kernel("1");
  const mortal = kernel.process("mortal", () => new Counter(kernel, "mortal"), never);
  const other = new Counter(kernel, "other");
  const crash = kernel.handler("crash", () => kernel.crash("mortal"));
  return { kernel, mortal, other, crash };
}

describe("a process that dies", () => {
  test("loses what it remembered and what it was about to do; others do not notice", () => {
    const { kernel, mortal, other, crash } = newWorld();
    mortal.start();
    other.start();
    kernel.at(4_500, crash, undefined, undefined);
    kernel.run(100_000);
    expect(mortal.state).toEqual({ count: 0, seen: new Map() });
    expect(other.state.count).toBe(10);
  });

  test("begins anew as it was built, as often as it dies", () => {
    const { kernel, mortal, crash } = newWorld();
    const start = kernel.handler("start", () => mortal.start());
    for (const us of [0, 5_000, 20_000]) kernel.at(us, start, undefined, undefined);
    for (const us of [2_500, 8_500]) kernel.at(us, crash, undefined, undefined);
    kernel.run(100_000);
    expect(mortal.state.count).toBe(10);
    expect(mortal.state.seen.get("now")).toBe(30_000);
  });

  test("in a fork dies alone", () => {
    const { kernel, mortal } = newWorld();
    mortal.start();
    kernel.run(3_500);
    const copy = newWorld();
    copy.kernel.restore(kernel.snapshot());
    copy.kernel.crash("mortal");
    expect(copy.mortal.state.count).toBe(0);
    expect(mortal.state.count).toBe(3);
    kernel.run(100_000);
    expect(mortal.state.count).toBe(10);
  });
});

test("states of one process that share an object share it again", () => {
  const kernel = new Kernel("1");
  const shared = { value: 1 };
  const [a, b] = kernel.process(
    "pair",
    () => {
      const owners = [{ state: { shared } }, { state: { shared } }] as const;
      kernel.keep("a", owners[0]);
      kernel.keep("b", owners[1]);
      return owners;
    },
    never,
  );
  a.state.shared.value = 2;
  kernel.crash("pair");
  expect(a.state.shared).toBe(b.state.shared);
  expect(a.state.shared.value).toBe(1);
});

test("processes are not built within each other, nor twice, nor unknown", () => {
  const kernel = new Kernel("1");
  const nested = () => kernel.process("inner", () => undefined, never);
  expect(() => kernel.process("outer", nested, never)).toThrow("within another");
  kernel.process("once", () => undefined, never);
  expect(() => kernel.process("once", () => undefined, never)).toThrow("built twice");
  expect(() => kernel.crash("nobody")).toThrow('unknown process "nobody"');
});
