import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStudyFolder } from "./study-folder.ts";
import { STUDY_FILE, studyJson } from "./study-record.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-study-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("openStudyFolder", () => {
  test("the baseline is the first policy of the plan, though its runs failed", () => {
    const runs = ["default", "packing"].map((policy) => ({
      ...{ policy, workload: "w", seed: "1", key: `${policy}-1` },
    }));
    const record = { stowage: "1.2.3", name: "s", command: "c", parameters: [], runs };
    writeFileSync(join(folder, STUDY_FILE), studyJson(record));
    const results = openStudyFolder("out", folder);
    expect(results.baseline).toBe("default");
    expect(results.runs).toEqual([]);
    expect(results.failures.map(({ labels }) => labels.policy)).toEqual(["default", "packing"]);
  });
});
