import { describe, expect, test } from "vitest";
import { readSchedulerConfiguration } from "./scheduler-configuration.ts";

const HEAD = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";
const read = (text: string) => readSchedulerConfiguration(text, "s.yaml");

describe("readSchedulerConfiguration", () => {
  test("reads YAML, with anchors and merge keys", () => {
    const { profiles, settings, ignored } = read(
      `${HEAD}podMaxBackoffSeconds: 60
leaderElection: { leaderElect: false }
profiles:
  - schedulerName: one
    plugins: &plugins
      score:
        disabled: [{ name: "*" }]
        enabled: [{ name: NodeResourcesFit, weight: 3 }]
      preScore:
        disabled: [{ name: "*" }]
        enabled: [{ name: NodeResourcesFit }]
  - schedulerName: two
    plugins: *plugins
`,
    );
    expect(profiles.map(({ schedulerName }) => schedulerName)).toEqual(["one", "two"]);
    const weights = profiles.map(({ plugins }) => plugins.map(({ weight }) => weight));
    expect(weights.map((each) => each.filter((weight) => weight > 0))).toEqual([[3], [3]]);
    expect(settings).toEqual({ podMaxBackoffSeconds: 60 });
    expect(ignored).toEqual(["leaderElection"]);
  });

  test("reads JSON", () => {
    const text = JSON.stringify({
      apiVersion: "kubescheduler.config.k8s.io/v1",
      kind: "KubeSchedulerConfiguration",
      percentageOfNodesToScore: 30,
    });
    expect(read(text).profiles[0]).toMatchObject({
      schedulerName: "default-scheduler",
      percentageOfNodesToScore: 30,
    });
  });

  test.each<[string, string, string]>([
    [
      "faults with their places, all of them",
      `${HEAD}percentageOfNodesToScore: 101
profiles:
  - schedulerName: a
  - schedulerName: a
    pluginConfig:
      - name: NodeResourcesFit
        args:
          scoringStrategy:
            type: Best
`,
      `s.yaml:3:27: percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]`,
    ],
    [
      "a misspelt field",
      `${HEAD}profiles:\n  - schedulername: a\n`,
      's.yaml:4:20: strict decoding error: unknown field "profiles[0].schedulername"; did you mean "schedulerName"?',
    ],
    [
      "a field twice",
      `${HEAD}parallelism: 1\nparallelism: 2\n`,
      "s.yaml:4:1: duplicated mapping key",
    ],
    ["an empty file", "", "s.yaml:1:1: expected a document, but the input is empty"],
    ["no kind", "profiles: []\n", "s.yaml: Object 'Kind' is missing. Begin the file with"],
    ["no version", "kind: KubeSchedulerConfiguration\n", "s.yaml: Object 'apiVersion' is missing."],
    ["malformed YAML", `${HEAD}profiles: [\n`, "s.yaml:"],
  ])("refuses %s", (_case, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
