import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterAt, definePlugin, diff, explain, exportRun, simulate, timeline } from "../index.ts";

const experiment = {
  name: "shop",
  workload: {
    synthetic: {
      nodes: [{ name: "node", count: 3, cpu: 4 }],
      pods: [{ name: "pod", count: 4, cpu: 1, arrivals: "5s" }],
    },
  },
  horizon: "1m",
};
const lastNode = definePlugin({
  name: "LastNode",
  locality: "node",
  score: (_pod, node) => (node.name === "node-2" ? 100 : 0),
});

let workingDirectory = "";
beforeAll(async () => {
  workingDirectory = mkdtempSync(join(tmpdir(), "stowage-recorded-"));
  await simulate({ experiment, out: "a", workingDirectory });
  await simulate({ experiment, policy: "most-allocated", out: "b", workingDirectory });
  await simulate({ experiment, policy: lastNode, out: "c", workingDirectory });
});
afterAll(() => rmSync(workingDirectory, { recursive: true, force: true }));

describe("a recorded run", () => {
  test("explains why a pod went where it did", async () => {
    const { run, story, text } = await explain({ run: "a", pod: "pod-0", workingDirectory });
    expect(run).toBe("shop / default / seed 1");
    expect(story.attempts).toHaveLength(1);
    expect(story.node).toMatch(/^node-/);
    expect(text).toContain(story.node);
  });

  test("shows the cluster at a moment", async () => {
    const { moment } = await clusterAt({ run: "a", at: "12s", workingDirectory });
    const pods = moment.nodes.reduce((sum, node) => sum + node.pods.length, 0);
    expect(pods).toBeGreaterThan(0);
    expect(pods).toBeLessThan(4);
  });

  test("is compared with another", async () => {
    const { difference, text } = await diff({ a: "a", b: { run: "b" }, workingDirectory });
    expect(difference.parting).toBeDefined();
    expect(text).toContain("most-allocated");
  });

  test("tells where the time of an object went", async () => {
    const { timeline: hops } = await timeline({
      run: "a",
      object: "Pod/default/pod-0",
      workingDirectory,
    });
    expect(hops.hops.length).toBeGreaterThan(3);
  });

  test("is written for other tools, cut as asked", async () => {
    let text = "";
    const out = (piece: string): void => {
      text += piece;
    };
    const query = { run: "a", out, workingDirectory, until: "30s" };
    const { run, endUs } = await exportRun({ ...query, format: "openmetrics", interval: "10s" });
    expect([run, endUs]).toEqual(["shop / default / seed 1", 30_000_000]);
    expect(text).toMatch(/\nscheduler_pending_pods\{queue="active"\} 0 10\n/);
    expect(text.endsWith("# EOF\n")).toBe(true);
    const wrong = exportRun({ ...query, format: "perfetto", since: "soon" });
    await expect(wrong).rejects.toThrow('since: got "soon", want a duration');
  });

  test.each([
    ["an unknown pod", { run: "a", pod: "pod-9" }, "there is no Pod default/pod-9"],
    ["a folder that is not there", { run: "nowhere", pod: "pod-0" }, "no such folder or file"],
    ["a name with too many parts", { run: "a", pod: "a/b/c" }, 'pod: got "a/b/c"'],
    ["a table of no nodes", { run: "a", pod: "pod-0", top: 0 }, "top: got 0"],
    ["a policy that was in no file", { run: "c", pod: "pod-0" }, "LastNode"],
  ])("refuses %s", async (_case, wrong, message) => {
    const asked = explain({ ...wrong, workingDirectory });
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toHaveProperty("name", "InputError");
  });
});
