import { describe, expect, test } from "vitest";
import { evaluatorsUnderTest } from "./evaluators.ts";
import { replay, replayPlugins } from "./replay.ts";
import { readRecordings, recordingFiles } from "./scenario.ts";

/** Scenarios that run, of those in the file: a change of the rule is seen here. */
const RUNNABLE: Readonly<Record<string, readonly [runnable: number, all: number]>> = {
  config: [0, 18],
  containers: [18, 18],
  "edge-cases": [25, 47],
  "host-ports": [15, 15],
  "image-locality": [15, 15],
  mixed: [0, 25],
  "node-affinity": [18, 18],
  resources: [18, 18],
  taints: [18, 18],
  "whole-trace": [1, 2],
};

describe("decisions equal kube-scheduler v1.30.6's", () => {
  const ran: Record<string, readonly [number, number]> = {};

  test.each(recordingFiles())("%s", (file) => {
    const recordings = readRecordings(file);
    const runnable = recordings.filter(({ missing }) => missing === "");
    ran[file] = [runnable.length, recordings.length];
    expect(
      runnable.flatMap((recording) => replay(recording, evaluatorsUnderTest)).slice(0, 10),
    ).toEqual([]);
  });

  test("as many scenarios ran as are known to need nothing that is missing", () => {
    expect(ran).toEqual(RUNNABLE);
  });
});

describe("each plugin's verdicts and scores equal kube-scheduler v1.30.6's", () => {
  const WITH_OTHER_PLUGINS = [
    "inter-pod affinity",
    "topology spread constraints",
    "default topology spreading",
    "preemption",
  ];

  test.each(["config", "edge-cases", "mixed"])("%s, beside plugins that are not there", (file) => {
    const runnable = readRecordings(file).filter(({ missing }) =>
      WITH_OTHER_PLUGINS.includes(missing),
    );
    expect(runnable.length).toBeGreaterThan(5);
    expect(runnable.flatMap(replayPlugins).slice(0, 10)).toEqual([]);
  });
});
