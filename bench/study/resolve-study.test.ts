import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { planStudy } from "./plan-study.ts";
import { resolveStudy } from "./resolve-study.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-study-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const resolve = (file: string, flags: object = {}) =>
  resolveStudy({ file: join(folder, file), flags, workingDirectory: folder });

const SYNTHETIC = `
workload: { synthetic: { nodes: [{ name: n }], pods: [{ name: p, count: 2, duration: 1s }] } }
`;

describe("files that include others", () => {
  test("later files win over earlier ones, the file itself over all; lists are replaced", async () => {
    write("a.yaml", `${SYNTHETIC}\nseeds: 3\npolicies: [default, random]\nhorizon: 1h\n`);
    write("b.yaml", "seeds: 5\ncluster: { events: true, scheduler: { ties: lowest-name } }\n");
    write(
      "main.yaml",
      "include: [a.yaml, b.yaml]\npolicies: [random]\ncluster: { events: false }\n",
    );
    const [point] = (await resolve("main.yaml")).points;
    expect(point?.experiment).toMatchObject({
      seeds: ["1", "2", "3", "4", "5"],
      policies: [{ label: "random" }],
      horizonUs: 3_600_000_000,
      cluster: { events: false, scheduler: { ties: "lowest-name" } },
    });
  });

  test("paths of an included file start from its own folder", async () => {
    write("deep/nodes.yaml", "");
    write(
      "deep/base.yaml",
      "workload: { manifests: { nodes: [nodes.yaml], manifests: [pods.yaml] } }\npolicies: [default, ./mine.ts]\n",
    );
    write("main.yaml", "include: deep/base.yaml\n");
    const [point] = (await resolve("main.yaml")).points;
    expect(point?.experiment.workload).toMatchObject({
      nodes: ["deep/nodes.yaml"],
      manifests: ["deep/pods.yaml"],
    });
    expect(point?.experiment.policies[1]?.path).toBe(join(folder, "deep/mine.ts"));
  });

  test.each([
    ["a file that includes itself", "include: main.yaml\n", "the file includes itself"],
    ["a file that is not there", "include: none.yaml\n", "none.yaml: no such file"],
  ])("refuses %s", async (_, text, message) => {
    write("main.yaml", text);
    await expect(resolve("main.yaml")).rejects.toThrow(message);
  });

  test("a fault in an included file is told with its own place", async () => {
    write("base.yaml", "seeds: 3\nhorizn: 1h\n");
    write("main.yaml", `include: base.yaml\n${SYNTHETIC}`);
    await expect(resolve("main.yaml")).rejects.toThrow(
      /base\.yaml:2:1: unknown field "horizn"\. Did you mean "horizon"\?/,
    );
  });
});

describe("--set", () => {
  beforeEach(() =>
    write("main.yaml", `${SYNTHETIC}\nparameters: { scheduler.ties: [seeded, lowest-name] }\n`),
  );

  test("wins over the file and takes the place of a parameter", async () => {
    const set = ["scheduler.ties=lowest-name", "cluster.events=true", "horizon=10m"];
    const { points, parameters } = await resolve("main.yaml", { set });
    expect(parameters).toEqual([]);
    expect(points).toHaveLength(1);
    expect(points[0]?.experiment).toMatchObject({
      horizonUs: 600_000_000,
      cluster: { events: true, scheduler: { ties: "lowest-name" } },
    });
  });

  test("holds in every point", async () => {
    const { points } = await resolve("main.yaml", { set: ["events=true"] });
    expect(points.map(({ experiment }) => experiment.cluster.events)).toEqual([true, true]);
  });

  test.each([
    ["scheduler.tie=seeded", '--set scheduler.tie=seeded: unknown field "cluster.scheduler.tie".'],
    ["scheduler.ties=none", '--set scheduler.ties=none: cluster.scheduler.ties: got "none", want'],
    ["scheduler.ties", '--set: got "scheduler.ties", want PATH=VALUE'],
    ["=1", '--set: got "=1", want PATH=VALUE'],
    ["horizon=[1", "--set horizon=[1: the value is no YAML"],
  ])("refuses %s", async (text, message) => {
    await expect(resolve("main.yaml", { set: [text] })).rejects.toThrow(message);
  });
});

describe("the keys of a plan", () => {
  const hooks = {
    version: "1.2.3",
    loadPolicy: () => Promise.reject(new Error("none")),
    loadBalancer: () => Promise.reject(new Error("none")),
    notice: () => {},
    signal: new AbortController().signal,
  };
  const keys = async (text: string, version = "1.2.3") => {
    write("main.yaml", text);
    const { runs } = await planStudy(await resolve("main.yaml"), { ...hooks, version });
    return runs.map(({ key }) => key);
  };

  test("are the same for the same inputs, wherever the files lie", async () => {
    const here = await keys(SYNTHETIC);
    folder = join(folder, "elsewhere");
    expect(await keys(SYNTHETIC)).toEqual(here);
    folder = dirname(folder);
  });

  test.each([
    ["a setting", `${SYNTHETIC}\ncluster: { events: true }\n`],
    ["a policy", `${SYNTHETIC}\npolicies: [random]\n`],
    ["a seed", `${SYNTHETIC}\nseeds: [7]\n`],
    ["the files to write", `${SYNTHETIC}\noutputs: { files: [runs] }\n`],
  ])("change with %s", async (_, text) => {
    expect(await keys(text)).not.toEqual(await keys(SYNTHETIC));
  });

  test("change with the version, and with the bytes of an input", async () => {
    expect(await keys(SYNTHETIC, "1.2.4")).not.toEqual(await keys(SYNTHETIC));
    const manifests = "workload: { manifests: { manifests: [pods.yaml] } }\n";
    write("pods.yaml", "apiVersion: v1\nkind: Node\nmetadata: { name: a }\n");
    const before = await keys(manifests);
    write("pods.yaml", "apiVersion: v1\nkind: Node\nmetadata: { name: b }\n");
    expect(await keys(manifests)).not.toEqual(before);
  });

  test("do not change with more seeds: what is done stays done", async () => {
    const three = await keys(`${SYNTHETIC}\nseeds: 3\n`);
    const five = await keys(`${SYNTHETIC}\nseeds: 5\n`);
    expect(five.slice(0, 3)).toEqual(three);
    expect(new Set(five).size).toBe(5);
  });
});
