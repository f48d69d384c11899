import { describe, expect, test } from "vitest";
import { runTidyChecks, tidyChecks } from "./checks.ts";
import { type Repository, readRepository } from "./repository.ts";

/** A repository in which every check finds something to look at, and nothing to complain of. */
const clean: Readonly<Record<string, string>> = {
  "README.md": "# Stowage\n\nSee [the guide](docs/guide.md).\n",
  "docs/guide.md": "# Guide\n\nBack to [the start](../README.md#stowage).\n",
  "sim/README.md": "# sim\n",
  "sim/index.ts": "",
  "sim/kernel/README.md": "# kernel\n",
  "sim/kernel/index.ts": "",
  "sim/kernel/stream.ts": 'createStream(seed, "workload/shuffle");\n',
  "policies/README.md":
    "# policies\n\n| file | what |\n| --- | --- |\n| `score/pack.ts` | packs |\n",
  "policies/index.ts": "",
  "policies/score/pack.ts": 'export const pack = definePlugin({ name: "Pack" });\n',
  "examples/compare/README.md": "# Compare\n",
  "test/examples.test.ts": 'run("examples/compare");\n',
};

const repositoryOf = (files: Readonly<Record<string, string | undefined>>): Repository =>
  Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [{ path, text }]));

const words = ["TO" + "DO", "FIX" + "ME"];
const machinePath = ["", "home", "alice", "x"].join("/");

describe("tidy", () => {
  test("has nothing to say about a clean repository", () => {
    expect(runTidyChecks(repositoryOf(clean)).findings).toEqual([]);
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    [
      "a room without README",
      { "sim/kernel/README.md": undefined },
      "sim/kernel/ has no README.md",
    ],
    [
      "a long README",
      { "sim/README.md": `# sim\n${"line\n".repeat(40)}` },
      "README.md has 41 lines",
    ],
    ["a room without entrance", { "policies/index.ts": undefined }, "policies/ has no index.ts"],
    ["unfinished business", { "sim/index.ts": `\n// ${words[0]} later` }, "sim/index.ts:2"],
    ["unfinished pages", { "docs/guide.md": `# Guide\n${words[1]}\n` }, "docs/guide.md:2"],
    ["a path of one machine", { "README.md": `# A\n\n${machinePath}\n` }, "README.md:3"],
    ["a nameless file", { "sim/kernel/utils.ts": "" }, "sim/kernel/utils.ts is not named"],
    [
      "a plugin in no table",
      { "policies/score/spread.ts": "export const spread = definePlugin<number>({});" },
      "policies/score/spread.ts is in no table",
    ],
    [
      "a plugin named in prose only",
      { "policies/README.md": "# p\n\nscore/pack.ts\n" },
      "in no table",
    ],
    ["an example that nothing runs", { "examples/upgrade/README.md": "# U\n" }, "examples/upgrade"],
    [
      "a stream with two users",
      { "sim/kernel/other.ts": '\nnew Draws(this.seed, "workload/shuffle");' },
      'other.ts:2 stream "workload/shuffle"',
    ],
    ["a page with two titles", { "docs/guide.md": "# A\n\n# B\n" }, "has 2 titles"],
    [
      "a dead link",
      { "docs/guide.md": "# A\n\n[b](gone.md)\n" },
      "docs/guide.md:3 link to gone.md",
    ],
  ])("finds %s", (_case, change, finding) => {
    const { findings } = runTidyChecks(repositoryOf({ ...clean, ...change }));
    expect(findings.filter((text) => text.includes(finding))).not.toEqual([]);
  });

  test.each([
    ["a title in a code block", { "docs/guide.md": "# A\n\n```sh\n# comment\n```\n" }],
    [
      "a plugin listed in its folder's README",
      {
        "policies/score/spread.ts": "definePlugin({})",
        "policies/score/README.md": "# score\n\n| spread.ts | spreads |\n",
      },
    ],
    [
      "an example that is found by listing the folder",
      { "examples/b/README.md": "# B\n", "test/b.test.ts": "readdirSync(examples)" },
    ],
    ["a link to data of others", { "README.md": "# A\n\n[d](workloads/data/x/README.md)\n" }],
    ["a link to a folder", { "README.md": "# A\n\n[docs](docs/)\n" }],
    ["a route that only looks like a home", { "README.md": "# A\n\nGET api/home/items\n" }],
    ["an index that only re-exports a plugin", { "policies/index.ts": 'export * from "./a.ts";' }],
  ])("accepts %s", (_case, change) => {
    expect(runTidyChecks(repositoryOf({ ...clean, ...change })).findings).toEqual([]);
  });

  test("a check that has nothing to look at fails", () => {
    const { findings } = runTidyChecks([]);
    expect(findings.map((text) => text.split(":")[0])).toEqual(Object.keys(tidyChecks));
  });

  test("reads this repository, but neither packages nor results nor data of others", () => {
    const paths = readRepository(new URL("../..", import.meta.url).pathname).map(
      ({ path }) => path,
    );
    expect(paths).toContain("tools/tidy/checks.ts");
    expect(paths).toContain(".ci/run");
    for (const path of paths) expect(path).not.toMatch(/^(node_modules|dist|out|\.git)\//);
  });
});
