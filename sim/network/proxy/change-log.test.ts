import { expect, test } from "vitest";
import { ChangeLog } from "./change-log.ts";

/** One Service comes and goes: two changes. */
function comeAndGo(log: ChangeLog, key: string, timeUs: number): void {
  for (const ports of [1, -1]) {
    const { ports: portsBefore, rules: rulesBefore } = log;
    log.add(log.count(key, ports, 3 * ports), timeUs, portsBefore, rulesBefore, -1);
  }
}

test("Services that are gone are forgotten once all proxies know", () => {
  const log = new ChangeLog();
  log.count("d/stays", 1, 2);
  for (let i = 0; i < 1_000; i++) comeAndGo(log, `d/s${i}`, i);
  expect(log.services.size).toBe(1_001);
  log.prune(1_999); // all but the last change
  expect([...log.services.keys()]).toEqual(["d/stays", "d/s999"]);
  log.prune(2_000);
  expect([...log.services.keys()]).toEqual(["d/stays"]);
  expect([log.ports, log.emptied.size]).toEqual([1, 0]);
});

test("a Service that comes back before that is the same one, and its changes follow each other", () => {
  const log = new ChangeLog();
  comeAndGo(log, "d/a", 1);
  const again = log.add(log.count("d/a", 1, 1), 2, 0, 0, -1);
  expect(log.at(2).next).toBe(again.seq);
  log.prune(2);
  expect(log.services.has("d/a")).toBe(true);
});

test("rules count for the last change of each Service only", () => {
  const log = new ChangeLog();
  comeAndGo(log, "d/a", 1);
  const removal = 5 + 3 * 3; // the rules of one port and three endpoints are taken away
  expect(log.changedRules(0, 2)).toBe(removal);
  comeAndGo(log, "d/a", 2);
  expect(log.changedRules(0, 4)).toBe(removal);
});
