import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HopLatency } from "../../kernel/index.ts";
import { defaultNetwork, type NetworkOptions } from "../../options/network.ts";
import { ChangeLog } from "./change-log.ts";
import { NodeSync, SyncRunner } from "./node-sync.ts";
import { proxyMode } from "./proxy-mode.ts";

const MS = 1_000;
const SECOND = 1_000_000;
/** 100 ms for a sync and 10 ms for a rule; changes arrive after 1 us. */
const costs = {
  proxyWatch: "constant(1us)",
  iptablesSyncBaseUs: 100 * MS,
  iptablesSyncPerServiceUs: 0,
  iptablesSyncPerRuleUs: 10 * MS,
  ipvsSyncBaseUs: 100 * MS,
  ipvsSyncPerRuleUs: 0,
};

interface Sync {
  readonly beganMs: number;
  readonly endMs: number;
  readonly taken: number;
  readonly isFull: boolean;
}

/** One node that has `services` Services with one endpoint each, 8 rules, at time 0. */
class Harness {
  readonly log = new ChangeLog();
  readonly node: NodeSync;
  readonly syncs: Sync[] = [];
  readonly #runner: SyncRunner;

  constructor(options: Partial<NetworkOptions> = {}, services = 10, hasRules = true) {
    const all = { ...defaultNetwork, ...costs, ...options };
    const mode = proxyMode("1", all);
    this.#runner = new SyncRunner(mode, new HopLatency("1", all.proxyWatch, "network.proxyWatch"));
    for (let i = 0; i < services; i++) this.log.count(`s${i}`, 1, 1);
    this.node = new NodeSync(0, 7, mode, { joinedUs: 0, hasRules, watchUs: 1, phase: 0 });
  }

  /** Service `key` changes at this time: so many more endpoints. */
  change(atUs: number, key = "s0", endpoints = 0): void {
    const { ports, rules } = this.log;
    const service = this.log.count(key, 0, endpoints);
    this.log.add(service, atUs, ports, rules, atUs);
  }

  advance(nowUs: number): number {
    this.#runner.advance(this.node, this.log, nowUs, ({ beganUs, endUs, taken, isFull }) => {
      const [beganMs, endMs] = [Math.floor(beganUs / MS), Math.floor(endUs / MS)];
      this.syncs.push({ beganMs, endMs, taken, isFull });
    });
    return this.node.applied;
  }

  /** Began and end of each sync until then, in milliseconds. */
  times(untilUs: number): string {
    this.advance(untilUs);
    return this.syncs.map(({ beganMs, endMs }) => `${beganMs}-${endMs}`).join(" ");
  }
}

describe("the bounded frequency runner", () => {
  test.each<[string, number[], Partial<NetworkOptions>, string]>([
    ["a change is written at once", [SECOND], {}, "1000-1180"],
    ["changes that arrive together are one sync", [SECOND, SECOND, SECOND], {}, "1000-1180"],
    [
      "a second one follows at the end of the first: burst of 2",
      [SECOND, 1_050 * MS],
      {},
      "1000-1180 1180-1360",
    ],
    [
      "the third waits until minSyncPeriod after the end of the second",
      [SECOND, 1_050 * MS, 1_200 * MS],
      {},
      "1000-1180 1180-1360 2360-2540",
    ],
    [
      "but a change that comes when a token is there starts it",
      [SECOND, 1_050 * MS, 1_200 * MS, 2_100 * MS],
      {},
      "1000-1180 1180-1360 2100-2280",
    ],
    [
      "what comes while it waits is in it",
      [SECOND, 1_050 * MS, 1_200 * MS, 1_400 * MS, 1_900 * MS],
      {},
      "1000-1180 1180-1360 2360-2540",
    ],
    [
      "tokens come back",
      [SECOND, 1_050 * MS, 4 * SECOND, 4_050 * MS],
      {},
      "1000-1180 1180-1360 4000-4180 4180-4360",
    ],
    [
      "minSyncPeriod 0 never waits",
      [SECOND, 1_050 * MS, 1_200 * MS],
      { minSyncPeriod: "0" },
      "1000-1180 1180-1360 1360-1540",
    ],
    [
      "nor does ipvs by itself",
      [SECOND, 1_050 * MS, 1_120 * MS],
      { proxyMode: "ipvs" },
      "1000-1100 1100-1200 1200-1300",
    ],
    [
      "a longer minSyncPeriod",
      [SECOND, 1_050 * MS, 1_200 * MS],
      { minSyncPeriod: "10s" },
      "1000-1180 1180-1360 11360-11540",
    ],
  ])("%s", (_case, changes, options, expected) => {
    const harness = new Harness(options);
    for (const atUs of changes) harness.change(atUs);
    expect(harness.times(25 * SECOND)).toBe(expected);
  });

  test("a change counts from the end of the sync that took it in", () => {
    const harness = new Harness();
    harness.change(SECOND);
    harness.change(SECOND + 50 * MS);
    const seen = [999, 1_179, 1_181, 1_359, 1_361].map((ms) => harness.advance(ms * MS));
    expect(seen).toEqual([0, 0, 1, 1, 2]);
  });

  test("ipvs syncs every syncPeriod without any change, iptables after an hour", () => {
    expect(new Harness({ proxyMode: "ipvs" }).times(95 * SECOND)).toBe(
      "30000-30100 60100-60200 90200-90300",
    );
    expect(new Harness().times(3_601 * SECOND)).toBe("3600000-3600100");
  });
});

describe("what a sync costs", () => {
  test("partial: the rules of the Services that changed, each once", () => {
    const harness = new Harness({}, 1_000);
    harness.change(SECOND, "s0", 10); // 5 + 3 x 11 rules
    harness.change(SECOND, "s1");
    harness.change(SECOND, "s0", -10); // what is taken away must be named, too
    expect(harness.times(9 * SECOND)).toBe("1000-1560");
    expect(harness.syncs[0]?.isFull).toBe(false);
  });

  test("full: all rules, when partial syncs are off, at the first sync, or an hour after the last", () => {
    const off = new Harness({ partialSync: false }, 100);
    off.change(SECOND);
    expect(off.times(20 * SECOND)).toBe("1000-9100");
    const joined = new Harness({}, 100, false);
    expect([joined.times(20 * SECOND), joined.syncs[0]?.isFull]).toEqual(["0-8100", true]);
    const due = new Harness({ fullSyncPeriod: "1m" }, 100);
    due.change(59 * SECOND);
    due.change(70 * SECOND);
    due.advance(90 * SECOND);
    expect(due.syncs.map(({ isFull }) => isFull)).toEqual([false, true]);
  });

  test("the costs are those of the mode", () => {
    const harness = new Harness({ proxyMode: "nftables", nftablesSyncPerRuleUs: 1 * MS });
    harness.change(SECOND);
    expect(harness.times(9 * SECOND)).toBe("1000-1010");
  });

  // What was published of these, and what the defaults were fitted to: docs/fidelity.md.
  test.each<[string, Partial<NetworkOptions>, number, boolean, number]>([
    ["iptables restart, 10,000 Services", {}, 10_000, false, 4_852],
    ["nftables restart, 10,000 Services", { proxyMode: "nftables" }, 10_000, false, 23_252],
    ["iptables, one Service beside 10,000", {}, 10_000, true, 52.48],
    ["nftables, one Service beside 10,000", { proxyMode: "nftables" }, 10_000, true, 54.32],
    ["ipvs, one Service beside 5,000: 2 ms", { proxyMode: "ipvs" }, 5_000, true, 2.4],
    [
      "iptables of 2017, one rule beside 5,000 Services: 660 s",
      { partialSync: false, iptablesSyncPerRuleUs: 16_500 },
      5_000,
      true,
      660_027,
    ],
  ])("by default: %s", (_case, options, services, hasRules, expectedMs) => {
    const all = { ...defaultNetwork, proxyWatch: costs.proxyWatch, ...options };
    const harness = new Harness(all, services, hasRules);
    if (hasRules) harness.change(SECOND);
    harness.advance(hasRules ? SECOND + 1 : 1);
    const { beganUs, endUs } = harness.node;
    expect((endUs - beganUs) / MS).toBeCloseTo(expectedMs, 0);
  });
});

describe("a node that is asked seldom", () => {
  const step = fc.record({
    gapUs: fc.integer({ min: 0, max: 700 * MS }),
    isAsked: fc.boolean(),
    endpoints: fc.integer({ min: 0, max: 3 }),
  });

  test("has lived through the same syncs as one that is asked always, pruned or not", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 120 }),
        fc.constantFrom("iptables", "ipvs"),
        (steps, mode) => {
          const options = { proxyMode: mode, proxyWatch: "uniform(1ms, 400ms)" };
          const always = new Harness(options);
          const seldom = new Harness(options);
          let nowUs = 0;
          for (const { gapUs, isAsked, endpoints } of steps) {
            nowUs += gapUs;
            for (const harness of [always, seldom])
              harness.change(nowUs, `s${endpoints}`, endpoints);
            always.log.prune(always.advance(nowUs));
            if (isAsked) expect(seldom.advance(nowUs)).toBe(always.node.applied);
          }
          for (const harness of [always, seldom]) harness.advance(nowUs + 100 * SECOND);
          expect(seldom.syncs).toEqual(always.syncs);
          expect(seldom.node).toEqual(always.node);
          expect(always.node.applied).toBe(always.log.lastSeq);
        },
      ),
      { seed: 1, numRuns: 150 },
    );
  });
});
