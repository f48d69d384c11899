import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../kernel/index.ts";
import { decodeManifests } from "./manifest-decoder.ts";
import { ManifestSplitter } from "./manifest-splitter.ts";

const split = (text: string, size = text.length || 1): { text: string; line: number }[] => {
  const splitter = new ManifestSplitter();
  const documents = [];
  for (let i = 0; i < text.length; i += size)
    documents.push(...splitter.push(text.slice(i, i + size)));
  documents.push(...splitter.end());
  return documents.map((document) => ({ ...document, text: document.text.trim() }));
};

describe("ManifestSplitter", () => {
  test.each<[string, string, [number, string][]]>([
    ["one document", "a: 1\n", [[1, "a: 1"]]],
    [
      "two documents",
      "a: 1\n---\nb: 2\n",
      [
        [1, "a: 1"],
        [2, "---\nb: 2"],
      ],
    ],
    [
      "a marker with content",
      "--- {a: 1}\n--- # next\nb: 2",
      [
        [1, "--- {a: 1}"],
        [2, "--- # next\nb: 2"],
      ],
    ],
    [
      "Windows line ends",
      "a: 1\r\n---\r\nb: 2\r\n",
      [
        [1, "a: 1"],
        [2, "---\r\nb: 2"],
      ],
    ],
    ["a byte order mark", "\uFEFFa: 1\n", [[1, "a: 1"]]],
    ["comments before the first marker", "# licence\n\n---\na: 1\n", [[3, "---\na: 1"]]],
    ["directives belong to what follows", "%YAML 1.2\n---\na: 1\n", [[1, "%YAML 1.2\n---\na: 1"]]],
    [
      "an end marker",
      "a: 1\n...\n# between\n---\nb: 2\n",
      [
        [1, "a: 1"],
        [4, "---\nb: 2"],
      ],
    ],
    ["a longer run of dashes is no marker", "a: |\n  x\n----\n", [[1, "a: |\n  x\n----"]]],
    ["an indented marker is text", "a: |\n  ---\n  b\n", [[1, "a: |\n  ---\n  b"]]],
    [
      "a marker in the last line",
      "a: 1\n---",
      [
        [1, "a: 1"],
        [2, "---"],
      ],
    ],
    ["nothing", "", []],
  ])("%s", (_, text, expected) => {
    expect(split(text).map((each) => [each.line, each.text])).toEqual(expected);
  });

  test("the sizes of the chunks change nothing", () => {
    const line = fc.constantFrom(
      "---",
      "...",
      "--- # c",
      "a: 1",
      "  b: 2",
      "# c",
      "",
      "----",
      "%YAML 1.2",
      "\r",
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (lines, size) => {
          const text = lines.join("\n");
          expect(split(text, size)).toEqual(split(text));
        },
      ),
      { seed: 3, numRuns: 1000 },
    );
  });
});

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: main
    image: nginx:1.25
`;

function message(text: string): string {
  try {
    decodeManifests(text, "pods.yaml");
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "no error";
}

describe("decodeManifests", () => {
  test("gives each object with the line of its document", () => {
    const decoded = decodeManifests(`# two pods\n${POD}---\n${POD.replace("web", "db")}`, "f");
    expect(decoded.map(({ object, line }) => [object.metadata?.name, line])).toEqual([
      ["web", 1],
      ["db", 10],
    ]);
  });

  test("unrolls a List, reads JSON, skips empty documents", () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${POD.trim().replaceAll("\n", "\n  ")}\n`;
    const json = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } });
    const kinds = decodeManifests(`---\n# none\n---\n${list}---\n${json}`, "f").map(
      ({ object }) => object.kind,
    );
    expect(kinds).toEqual(["Pod", "Namespace"]);
  });

  test("amounts may be numbers, null is absent, YAML 1.1 words stay texts, anchors merge", () => {
    const text = `${POD}    resources:
      requests: &amounts {cpu: 2, memory: 1.5}
      limits: {<<: *amounts}
    env:
    - {name: SWITCH, value: on}
    ports: null
`;
    const [decoded] = decodeManifests(text, "f");
    const spec = decoded?.object.spec as { containers: Record<string, unknown>[] };
    expect(spec.containers[0]?.["resources"]).toEqual({
      requests: { cpu: "2", memory: "1.5" },
      limits: { cpu: "2", memory: "1.5" },
    });
    expect(spec.containers[0]?.["env"]).toEqual([{ name: "SWITCH", value: "on" }]);
    expect(spec.containers[0]).not.toHaveProperty("ports");
  });

  test.each<[string, string, string]>([
    [
      "a bad quantity, at its value",
      `${POD}    resources:\n      requests:\n        cpu: 5x\n`,
      `pods.yaml:11:14: Pod "web": spec.containers[0].resources.requests[cpu]: Invalid value: "5x": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ],
    [
      "a negative extended resource, in a second document",
      `---\n---\n${POD}    resources:\n      limits: {nvidia.com/gpu: -1}\n`,
      'pods.yaml:12:32: Pod "web": spec.containers[0].resources.limits[nvidia.com/gpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      "an unknown field, at its name",
      POD.replace("    image", "    imige"),
      'pods.yaml:8:12: Pod "web": unknown field "spec.containers[0].imige"; did you mean "image"?',
    ],
    [
      "a missing field, at what it is missing from",
      POD.replace("  name: web", "  labels: {}"),
      'pods.yaml:3:1: Pod "": metadata.name: Required value: name or generateName is required',
    ],
    [
      "a wrong type",
      POD.replace("spec:", "spec:\n  terminationGracePeriodSeconds: soon"),
      'pods.yaml:6:34: Pod "web": spec.terminationGracePeriodSeconds: Invalid value: "soon": must be of type integer',
    ],
    [
      "an unknown kind",
      POD.replace("kind: Pod", "kind: Pot"),
      'pods.yaml:2:7: no matches for kind "Pot" in version "v1"; did you mean kind "Pod" in version "v1"?',
    ],
    [
      "a known kind of another version",
      POD.replace("kind: Pod", "kind: Job"),
      'pods.yaml:2:7: no matches for kind "Job" in version "v1"; did you mean kind "Job" in version "batch/v1"?',
    ],
    ["no kind", "apiVersion: v1\n", "pods.yaml:1:1: Object 'Kind' is missing"],
    [
      "no object",
      "- a\n",
      "pods.yaml:1:1: got a list, want a Kubernetes object with apiVersion and kind",
    ],
    [
      "text that is no YAML",
      `${POD}---\na: b: c\n`,
      "pods.yaml:10:5: bad indentation of a mapping entry. Correct the YAML.",
    ],
    [
      "a field given twice",
      "a: 1\na: 2\n",
      "pods.yaml:2:1: duplicated mapping key. Correct the YAML.",
    ],
    [
      "a fault in a List",
      `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: A}}\n`,
      "pods.yaml:4:54: Namespace \"A\": metadata.name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ])("reports %s", (_, text, expected) => expect(message(text)).toBe(expected));

  test("lists all faults of a document, up to twenty", () => {
    const fields = Array.from({ length: 25 }, (_, i) => `wrong${i}: 1\n`).join("");
    const lines = message(POD + fields).split("\n");
    expect(lines).toHaveLength(21);
    expect(lines[20]).toBe("... and 5 more (the first 20 are listed)");
  });
});

describe("the size of an object", () => {
  const manifest = (note: string): string =>
    `apiVersion: v1\nkind: Namespace\nmetadata: { name: a, annotations: { note: "${note}" } }\n`;

  test("is measured as JSON where its document is long, and else not", () => {
    const [short] = decodeManifests(manifest("x"), "a.yaml");
    expect(short?.bytes).toBeUndefined();
    const note = "x".repeat(200_000);
    const text = `# ${"long ".repeat(100_000)}\n${manifest(note)}`;
    const [long] = decodeManifests(text, "a.yaml");
    expect(long?.bytes).toBe(JSON.stringify(long?.object).length);
  });
});
