import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { experimentSchemaText } from "../bench/study/index.ts";
import { defaultClusterOptions } from "../sim/options/index.ts";

/** The reader's pages: complete where they promise to be, and without links that lead nowhere. */
const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The settings that a cluster has, by path; a client's limit is one setting. */
function settingsOf(value: object, path = ""): { path: string; value: unknown }[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const own = path === "" ? name : `${path}.${name}`;
    const isBranch =
      typeof inner === "object" && inner !== null && !Array.isArray(inner) && path !== "clients";
    return isBranch ? settingsOf(inner, own) : [{ path: own, value: inner }];
  });
}

/** How docs/latency-model.md writes a default. */
function written(value: unknown): string {
  if (typeof value === "number") return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  const { qps, burst } = value as { qps: number; burst: number };
  return `${qps}, ${burst}`;
}

/** Setting to default, of all tables of the page. */
function documentedDefaults(): Map<string, string> {
  const rows = read("docs/latency-model.md").matchAll(/^\| `([^`]+)` *\|([^|]+)\|/gm);
  return new Map(
    [...rows].map(([, path = "", value = ""]) => [path, value.replaceAll("`", "").trim()]),
  );
}

describe("docs/latency-model.md", () => {
  const { seed: _seed, ...options } = defaultClusterOptions;
  const settings = settingsOf(options);

  test.each(settings)("has $path with its default", ({ path, value }) => {
    expect(documentedDefaults().get(path)).toBe(written(value));
  });

  test("has no setting that does not exist", () => {
    const known = settings.map(({ path }) => path);
    expect([...documentedDefaults().keys()].filter((path) => !known.includes(path))).toEqual([]);
  });
});

describe("docs/", () => {
  const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));

  test("every page is in the index", () => {
    const index = read("docs/README.md");
    const missing = pages.filter((name) => name !== "README.md" && !index.includes(`](${name})`));
    expect(missing).toEqual([]);
  });

  test.each([...pagesUnder("docs"), ...pagesUnder("examples")])(
    "%s: links lead somewhere",
    (page) => {
      const links = [...read(page).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(([, to = ""]) => to);
      expect(links.filter((to) => !existsSync(join(root, dirname(page), to)))).toEqual([]);
    },
  );
});

function pagesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return pagesUnder(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

describe("docs/library.md", () => {
  const blocks = [
    ...read("docs/library.md").matchAll(/^```js\n\/\/ (examples\/\S+)\n([\s\S]*?)^```$/gm),
  ].map(([, path = "", code = ""]) => ({ path, code }));

  test.each(blocks)("shows $path as it is", ({ path, code }) => expect(code).toBe(read(path)));

  test("shows all of examples/library", () => {
    const files = readdirSync(join(root, "examples/library")).filter((name) =>
      name.endsWith("mjs"),
    );
    expect(blocks.map(({ path }) => path).sort()).toEqual(
      files.map((name) => `examples/library/${name}`).sort(),
    );
  });
});

describe("docs/experiment.schema.json", () => {
  test("is the schema that stowage plan --schema prints", async () => {
    const update =
      "Write it anew: node dist/cli/main.js plan --schema > docs/experiment.schema.json";
    const written = JSON.parse(read("docs/experiment.schema.json"));
    expect(written, update).toEqual(JSON.parse(await experimentSchemaText()));
  });
});
