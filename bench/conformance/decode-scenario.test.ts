import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeScenario } from "./decode-scenario.ts";
import { parseJson } from "./parse-json.ts";
import { readLines } from "./read-lines.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-lines-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (name: string, bytes: string | Buffer) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return [...readLines(path)];
};

describe("readLines", () => {
  const wanted = [
    { number: 1, text: "{}" },
    { number: 3, text: '{"a": "ü"}' },
  ];

  test.each<[string, string, string | Buffer]>([
    ["plain lines", "a.jsonl", '{}\n\n{"a": "ü"}\n'],
    ["a last line without an end", "b.jsonl", '{}\n\n{"a": "ü"}'],
    ["gzip", "c.jsonl.gz", gzipSync('{}\n\n{"a": "ü"}\n')],
    ["gzip under another name", "d.jsonl", gzipSync('{}\n  \n{"a": "ü"}\n')],
  ])("reads %s", (_what, name, bytes) => expect(linesOf(name, bytes)).toEqual(wanted));

  test.each<[string, string, string | Buffer, RegExp]>([
    ["text called gzip", "x.jsonl.gz", "{}", /x\.jsonl\.gz: cannot be unpacked \(incorrect header/],
    [
      "half a gzip file",
      "y.jsonl.gz",
      gzipSync("x".repeat(1000)).subarray(0, 20),
      /y\.jsonl\.gz: cannot be unpacked \(unexpected end of file\), want a whole gzip file/,
    ],
  ])("refuses %s", (_what, name, bytes, message) => {
    expect(() => linesOf(name, bytes)).toThrow(message);
  });

  test("refuses a file that is not there, and a folder", () => {
    expect(() => [...readLines(join(folder, "gone"))]).toThrow(/gone: no such file/);
    expect(() => [...readLines(folder)]).toThrow(/is a folder, want a file of scenarios/);
  });
});

describe("parseJson", () => {
  test.each([
    ["{'a': 1}", 2],
    ["abc", 1],
    ['{"a": tru}', 10],
    ['{"a": 1,}', 9],
    ['{"a" 1}', 6],
    ['{"a": 1', 8],
    ['{"a": "x', 9],
    ["{} x", 4],
    ['{"nodes": [{"a": 1} {"b": 2}]}', 21],
    [`{"long": "${"x".repeat(100)}", "b": nonsense}`, 120],
  ])("%s: the fault is in column %i", (text, column) => {
    expect(() => parseJson(text, "f:7")).toThrow(new RegExp(`^f:7:${column}: .*, want one JSON`));
  });

  test("gives the value of what is right", () => {
    expect(parseJson('{"a": [1]}\r', "f:1")).toEqual({ a: [1] });
  });
});

const node = { metadata: { name: "n" } };
const pod = { metadata: { name: "p" } };
const line = (scenario: object): object => ({
  scenario: { nodes: [node], pendingPods: [pod], ...scenario },
  expected: {},
});

describe("decodeScenario", () => {
  test("makes present what every stored object has, and defaults nothing", () => {
    const { scenario } = decodeScenario(line({ services: [{ metadata: { name: "s" } }] }), "f:1");
    expect(scenario.nodes).toMatchObject([
      { apiVersion: "v1", kind: "Node", metadata: { name: "n", namespace: "" }, spec: {} },
    ]);
    expect(scenario.pendingPods).toEqual([
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          name: "p",
          namespace: "default",
          uid: "",
          resourceVersion: "",
          creationTimestamp: "",
        },
        spec: { containers: [] },
        status: {},
      },
    ]);
    expect(scenario.objects).toMatchObject([{ kind: "Service", metadata: { name: "s" } }]);
  });

  test("takes quantities that are numbers as the API does: as texts", () => {
    const requests = { cpu: 0.5, memory: "1Gi" };
    const spec = { containers: [{ name: "c", resources: { requests } }] };
    const { scenario } = decodeScenario(line({ pendingPods: [{ ...pod, spec }] }), "f:1");
    const [container] = scenario.pendingPods[0]?.spec.containers ?? [];
    expect(container?.resources?.requests).toEqual({ cpu: "0.5", memory: "1Gi" });
  });

  test.each<[string, unknown, RegExp]>([
    ["no object", 5, /^f:1: got 5, want an object with scenario and expected/],
    ["no scenario", { expected: {} }, /scenario: got nothing, want an object/],
    ["no expectation", { scenario: {} }, /expected: got nothing, want an object/],
    ["no nodes", line({ nodes: undefined }), /scenario\.nodes: got nothing, want a list/],
    [
      "no pods",
      line({ pendingPods: undefined }),
      /scenario\.pendingPods: got nothing, want a list/,
    ],
    ["nodes that are no list", line({ nodes: {} }), /scenario\.nodes: got {}, want a list/],
    [
      "a node without a name",
      line({ nodes: [{ metadata: {} }] }),
      /nodes\[0\]\.metadata\.name: got/,
    ],
    ["a node without metadata", line({ nodes: [{}] }), /nodes\[0\]\.metadata: got nothing/],
    ["a text for a spec", line({ pendingPods: [{ ...pod, spec: "x" }] }), /\[0\]\.spec: got "x"/],
    ["a list that nobody reads", line({ node: [] }), /scenario\.node: .*Did you mean nodes\?/],
    ["a text for a configuration", line({ schedulerConfig: "x" }), /schedulerConfig: got "x"/],
    [
      "a bound pod without a node",
      line({ boundPods: [pod] }),
      /boundPods\[0\]\.spec\.nodeName: got nothing, want the name of a node/,
    ],
    [
      "steps that are no list",
      { ...line({}), expected: { steps: {} } },
      /expected\.steps: got {}, want a list/,
    ],
  ])("refuses %s", (_what, value, message) => {
    expect(() => decodeScenario(value, "f:1")).toThrow(message);
  });
});
