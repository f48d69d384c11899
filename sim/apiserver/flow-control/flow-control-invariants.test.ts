import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlowControlWorld, levelManifest, SECOND, schemaManifest } from "./flow-control-fixture.ts";

interface Arrival {
  readonly atMs: number;
  readonly user: number;
  readonly serviceMs: number;
  readonly isWide: boolean;
}

const USERS = ["u0", "u1", "u2", "u3"];

const arrivals = fc.array(
  fc.record({
    atMs: fc.nat(30_000),
    user: fc.nat(USERS.length - 1),
    serviceMs: fc.integer({ min: 1, max: 4000 }),
    isWide: fc.boolean(),
  }),
  { minLength: 1, maxLength: 120 },
);
const shapes = fc.record({
  nominalConcurrencyShares: fc.integer({ min: 1, max: 6 }),
  queues: fc.integer({ min: 1, max: 8 }),
  queueLengthLimit: fc.integer({ min: 1, max: 20 }),
});

/** Few seats for four users; lists are three seats wide. */
function run(
  list: readonly Arrival[],
  shape: { nominalConcurrencyShares: number; queues: number; queueLengthLimit: number },
  watch: (world: FlowControlWorld) => void,
): FlowControlWorld {
  const world = new FlowControlWorld({
    maxRequestsInflight: 200,
    maxMutatingRequestsInflight: 100,
  });
  const { nominalConcurrencyShares, queues, queueLengthLimit } = shape;
  const queuing = { queues, handSize: Math.min(2, queues), queueLengthLimit };
  world.store(levelManifest("tested", { nominalConcurrencyShares }, queuing));
  world.store(schemaManifest("tested", "tested", 100, USERS));
  for (let i = 0; i < 130; i++) world.store(schemaManifest(`s${i}`, "tested", 9999, ["x"]));
  world.watch = watch;
  for (const { atMs, user, serviceMs, isWide } of list)
    world.send(atMs * 1000, {
      ...{ client: user, clientName: USERS[user] ?? "", serviceUs: serviceMs * 1000 },
      ...(isWide ? { verb: "list", kind: "FlowSchema" } : {}),
    });
  world.settle();
  return world;
}

describe("a level under any load", () => {
  test("loses nobody: each request starts or is refused, once, and in the end none is there", () => {
    fc.assert(
      fc.property(arrivals, shapes, (list, shape) => {
        const world = run(list, shape, () => {});
        expect(world.started.length + world.refused.length).toBe(list.length);
        expect(new Set([...world.started, ...world.refused]).size).toBe(list.length);
        expect(world.finished.length).toBe(world.started.length);
        const level = world.level("tested");
        expect(level).toMatchObject({ seatsInUse: 0, seatsWaiting: 0, executing: 0, waiting: 0 });
        expect(level.activeQueues).toBe(0);
        const isClear = level.queues.every((queue) => !queue.isActive && queue.workWaiting === 0);
        expect(isClear).toBe(true);
        const { dispatched, queueFull, timedOut } = level.counters;
        expect(dispatched + queueFull + timedOut).toBe(list.length);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test("takes no more seats than its limit, but for one wide request alone or a limit that sank", () => {
    let lastLimit = 0;
    const check = (world: FlowControlWorld): void => {
      const level = world.level("tested");
      const widest = Math.max(lastLimit, level.limit, level.executing <= 1 ? 10 : 0);
      if (level.seatsInUse > widest) throw new Error(`${level.seatsInUse} of ${widest} seats`);
      lastLimit = Math.max(level.limit, Math.min(lastLimit, level.seatsInUse));
    };
    fc.assert(
      fc.property(arrivals, shapes, (list, shape) => {
        lastLimit = 0;
        run(list, shape, check);
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  test("leaves no seat free for whom it would do", () => {
    fc.assert(
      fc.property(arrivals, shapes, (list, shape) => {
        const atRest = (world: FlowControlWorld): void => {
          const level = world.level("tested");
          if (level.waiting === 0) return;
          // The next one may be wide and wait for several seats: at most that many are idle.
          expect(level.seatsInUse === 0 || level.seatsInUse + 3 > level.limit).toBe(true);
        };
        const world = run(list, shape, () => {});
        expect(world.level("tested").waiting).toBe(0);
        const again = run(list, shape, (each) => {
          if (each.finished.length > 0) atRest(each);
        });
        expect(again.started.length).toBe(world.started.length);
      }),
      { seed: 3, numRuns: 25 },
    );
  });

  test("waits no longer than a quarter of the timeout", () => {
    fc.assert(
      fc.property(arrivals, shapes, (list, shape) => {
        const world = run(list, shape, () => {});
        const waits = world.started.map((call) => call.startedUs - call.arrivedUs);
        expect(Math.max(0, ...waits)).toBeLessThanOrEqual(15 * SECOND);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  test("gives each of four greedy flows its share of the seats", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 5, max: 60 }), { minLength: 4, maxLength: 4 }),
        (ms) => {
          const world = new FlowControlWorld();
          const queuing = { queues: 256, handSize: 1, queueLengthLimit: 2000 };
          const limited = {
            nominalConcurrencyShares: 10,
            lendablePercent: 0,
            borrowingLimitPercent: 0,
          };
          world.store(levelManifest("tested", limited, queuing));
          world.store(schemaManifest("tested", "tested", 100, USERS));
          world.settle();
          for (const [client, clientName] of USERS.entries())
            for (let i = 0; i < 1500; i++)
              world.send(SECOND, { client, clientName, serviceUs: (ms[client] ?? 1) * 1000 });
          world.settle(2 * SECOND);
          const usedMs = [0, 0, 0, 0];
          for (const { client } of world.finished)
            usedMs[client] = (usedMs[client] ?? 0) + (ms[client] ?? 0);
          const { limit } = world.level("tested");
          // A quarter of what the seats could do in that second, less what is not finished yet.
          for (const used of usedMs) expect(used).toBeGreaterThan((limit * 1000) / 4 - limit * 60);
        },
      ),
      { seed: 5, numRuns: 3 },
    );
  });
});
