import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fingerprint } from "./folder-fingerprint.ts";
import {
  freePort,
  isLacking,
  programPath,
  type StowageProcess,
  stowage,
  until,
} from "./programs.ts";

const redis = programPath("redis-server");

const STUDY = `
name: queued
workload:
  synthetic:
    nodes: [{ name: n, count: 20, cpu: 8, memory: 16Gi }]
    pods: [{ name: p, count: 6000, cpu: 1, arrivals: exponential(mean=100ms), duration: 9s }]
policies: [default, most-allocated]
seeds: 4
`;

describe.skipIf(isLacking(redis, "redis-server"))("a sweep by a queue on Redis", () => {
  let folder = "";
  let server: ChildProcess;
  let port = 0;
  let url = "";
  const started: StowageProcess[] = [];

  async function startRedis(): Promise<void> {
    server = spawn(redis ?? "", ["--port", String(port), "--save", "", "--dir", folder]);
    let log = "";
    server.stdout?.on("data", (chunk) => {
      log += chunk;
    });
    await until(() => log.includes("Ready to accept connections"), "Redis is ready");
  }

  function start(...argv: string[]): StowageProcess {
    const process = stowage(folder, ...argv);
    started.push(process);
    return process;
  }

  /** Keys of the runs that are in their place. */
  function finished(out: string): string[] {
    const runs = join(folder, out, "runs");
    return existsSync(runs) ? readdirSync(runs).filter((name) => !name.startsWith(".")) : [];
  }

  let whole: Record<string, string> = {};
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "stowage-redis-"));
    port = await freePort();
    url = `redis://127.0.0.1:${port}`;
    writeFileSync(join(folder, "study.yaml"), STUDY);
    const { code, err } = await start("sweep", "study.yaml", "--out", "threads", "--quiet").ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    whole = fingerprint(join(folder, "threads"));
  });
  beforeEach(startRedis);
  afterEach(() => {
    for (const { child } of started.splice(0)) child.kill("SIGKILL");
    server.kill("SIGKILL");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("gives the bytes of a sweep by threads, though a worker is killed in the middle", async () => {
    const sweep = start("sweep", "study.yaml", "--out", "queued", "--queue", url);
    const doomed = start("worker", "--queue", url, "--workers", "1");
    await until(() => doomed.err().includes("done:"), "the first worker has done a run");
    doomed.child.kill("SIGKILL");
    const heir = start("worker", "--queue", url, "--workers", "2");
    const { code, out } = await sweep.ended;
    expect(code).toBe(0);
    expect(out).toContain("8 runs done, 0 found done.");
    expect(heir.err()).toContain("done:");
    expect(fingerprint(join(folder, "queued"))).toEqual(whole);
  });

  test("survives Redis going away and coming back", async () => {
    const sweep = start("sweep", "study.yaml", "--out", "away", "--queue", url);
    const worker = start("worker", "--queue", url, "--workers", "1");
    await until(() => finished("away").length > 0, "a run has come back");
    server.kill("SIGKILL");
    await until(() => sweep.err().includes("went away; waiting"), "the sweep says so");
    sweep.child.kill("SIGINT");
    expect((await sweep.ended).code).toBe(130);
    worker.child.kill("SIGKILL");
    const rest = await start("sweep", "study.yaml", "--out", "away", "--quiet").ended;
    expect(rest.code).toBe(0);
    expect(rest.out).toMatch(/[1-7] runs? done, [1-7] found done\./);
    expect(fingerprint(join(folder, "away"))).toEqual(whole);
  });

  test("a worker with other inputs refuses its runs, and says why", async () => {
    const mine = "export default { name: 'Mine', locality: 'node', score: () => 1 };\n";
    writeFileSync(join(folder, "mine.js"), mine);
    const study = STUDY.replace("[default, most-allocated]", "[./mine.js]");
    writeFileSync(join(folder, "mine.yaml"), study);
    const sweep = start("sweep", "mine.yaml", "--out", "mine", "--queue", url);
    await until(() => existsSync(join(folder, "mine", "study.json")), "the sweep is planned");
    writeFileSync(join(folder, "mine.js"), mine.replace("1", "2"));
    start("worker", "--queue", url);
    const { code, err } = await sweep.ended;
    expect(code).toBe(1);
    expect(err).toContain("the input files of a worker are others than the sweep's");
  });

  test.each([
    ["redis://127.0.0.1:1", 1, "redis://127.0.0.1:1/0 does not answer: connect ECONNREFUSED"],
    ["localhost", 1, 'got "localhost", want redis://HOST[:PORT][/DATABASE]'],
  ])("an address that is none: %s", async (address, code, message) => {
    const ended = await start("sweep", "study.yaml", "--queue", address).ended;
    expect(ended.code).toBe(code);
    expect(ended.err).toContain(message);
    expect(ended.err).not.toMatch(/^\s+at /m);
  });
});
