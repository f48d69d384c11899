import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { filters, scorers } from "../../test/default-expectations.ts";
import {
  type KubeSchedulerConfiguration,
  profilesFromConfiguration,
} from "./kube-scheduler-configuration.ts";

/** What is read of a recording of kube-scheduler v1.30.6 (test/reference/conformance/README.md). */
interface Recording {
  readonly scenario: {
    readonly name: string;
    readonly schedulerConfig?: KubeSchedulerConfiguration;
  };
  readonly expected: {
    readonly steps: readonly {
      readonly pod: string;
      readonly profile?: string;
      readonly filtered?: Readonly<Record<string, { readonly plugin?: string }>>;
      /** By node and plugin: weighted scores. */
      readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
    }[];
  };
}

const file = new URL("../../test/reference/conformance/config.jsonl.gz", import.meta.url);
const recordings: readonly Recording[] = gunzipSync(readFileSync(file))
  .toString("utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recording);

/** Recorded scores that a profile with these weights cannot give, recorded filters that it lacks. */
function contradictions({ scenario, expected }: Recording): string[] {
  const profiles = profilesFromConfiguration(scenario.schedulerConfig ?? {}, scenario.name);
  const byName = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
  const found: string[] = [];
  for (const step of expected.steps) {
    const profile = byName.get(step.profile ?? "default-scheduler");
    if (profile === undefined) {
      found.push(`${step.pod}: no profile ${step.profile}`);
      continue;
    }
    const weights = scorers(profile);
    for (const score of Object.values(step.scores ?? {}).flatMap(Object.entries)) {
      const [plugin, value] = score as [string, number];
      const weight = weights[plugin] ?? 0;
      const isPossible = weight > 0 && value % weight === 0 && value / weight <= 100;
      if (!isPossible) found.push(`${step.pod}: ${plugin} scores ${value} with weight ${weight}`);
    }
    for (const { plugin } of Object.values(step.filtered ?? {})) {
      if (plugin === undefined || filters(profile).includes(plugin)) continue;
      found.push(`${step.pod}: ${plugin} does not filter`);
    }
  }
  return found;
}

describe("recorded configurations", () => {
  test("there are some", () => {
    expect(recordings.length).toBeGreaterThan(10);
  });

  test.each(recordings.map((recording) => [recording.scenario.name, recording] as const))(
    "%s gives the plugins and weights that kube-scheduler had",
    (_name, recording) => {
      expect(contradictions(recording)).toEqual([]);
    },
  );
});
