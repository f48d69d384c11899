import { describe, expect, test } from "vitest";
import { KeyRecord } from "../key-record.ts";
import { createMetadata } from "../metadata.ts";
import type { ApiObject } from "../objects.ts";
import { kindNamed } from "../scheme.ts";
import { strictDecode } from "../strict-decoding.ts";

const containers = [{ name: "main", image: "batch:1" }];
const template = { spec: { restartPolicy: "Never", containers } };
const INDEXED = { completionMode: "Indexed", completions: 5 };

function make(kindName: string, spec: object, name = "a", status: object = {}): ApiObject {
  const kind = kindNamed(kindName);
  const record = new KeyRecord(1, kindName, "default", name);
  return kind.defaults({ spec, status, metadata: createMetadata({ name }, record, 1, 0) });
}

const describeAll = (errors: readonly { path: string; message: string }[]): string[] =>
  errors.map(({ path, message }) => `${path}: ${message}`);
const faults = (object: ApiObject): string[] =>
  describeAll(kindNamed(object.kind).validate(object));
const jobFaults = (spec: object, name?: string): string[] =>
  faults(make("Job", { template, ...spec }, name));
const cronFaults = (spec: object, name?: string): string[] =>
  faults(
    make("CronJob", { schedule: "@daily", jobTemplate: { spec: { template } }, ...spec }, name),
  );

const failurePolicy = (...rules: object[]) => ({ podFailurePolicy: { rules } });
const successPolicy = (...rules: object[]) => ({ ...INDEXED, successPolicy: { rules } });
const onCodes = (values: number[], operator = "In", more: object = {}) => ({
  action: "Count",
  onExitCodes: { operator, values, ...more },
});
const RULE = "spec.podFailurePolicy.rules[0]";
const SUCCESS = "spec.successPolicy.rules[0]";

describe("a Job is valid", () => {
  test.each<[string, object]>([
    ["with back-off per index", { ...INDEXED, backoffLimitPerIndex: 1, maxFailedIndexes: 2 }],
    [
      "with a pod failure policy",
      failurePolicy(onCodes([1, 42], "NotIn"), {
        action: "Ignore",
        onPodConditions: [{ type: "DisruptionTarget" }],
      }),
    ],
    ["with a success policy", successPolicy({ succeededIndexes: "0,2-4", succeededCount: 4 })],
  ])("%s", (_name, spec) => {
    const job = make("Job", { template, ...spec });
    expect(faults(job)).toEqual([]);
    expect(strictDecode(kindNamed("Job"), structuredClone(job))).toEqual([]);
  });
});

describe("a Job is refused", () => {
  test.each<[string, object, string[]]>([
    [
      "limits without what they limit",
      { maxFailedIndexes: 1 },
      [
        "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
        "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode",
      ],
    ],
    [
      "indexes without their number",
      { completionMode: "Indexed", parallelism: 1 },
      ["spec.completions: Required value: when completion mode is Indexed"],
    ],
    [
      "more failures than indexes",
      { ...INDEXED, backoffLimitPerIndex: 1, maxFailedIndexes: 6 },
      ["spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions"],
    ],
    [
      "very many indexes",
      { ...INDEXED, completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1 },
      [
        "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
        "spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index",
      ],
    ],
    [
      "a policy for restarts in place",
      {
        ...failurePolicy(onCodes([1])),
        template: { spec: { containers, restartPolicy: "OnFailure" } },
      },
      [
        'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
      ],
    ],
    [
      "another replacement with a policy",
      { ...failurePolicy(onCodes([1])), podReplacementPolicy: "TerminatingOrFailed" },
      [
        'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
      ],
    ],
    [
      "a rule without a test",
      failurePolicy({ action: "Count" }),
      [`${RULE}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
    ],
    [
      "a rule with two tests",
      failurePolicy({ ...onCodes([1]), onPodConditions: [{ type: "A" }] }),
      [`${RULE}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`],
    ],
    [
      "a rule without an action",
      failurePolicy({ onExitCodes: { operator: "In", values: [1] } }),
      [`${RULE}.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`],
    ],
    [
      "FailIndex without indexes",
      failurePolicy({ ...onCodes([1]), action: "FailIndex" }),
      [`${RULE}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
    ],
    [
      "exit codes out of order, twice, and 0",
      failurePolicy(onCodes([3, 0, 3])),
      [
        `${RULE}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
        `${RULE}.onExitCodes.values[2]: Duplicate value: 3`,
        `${RULE}.onExitCodes.values: Invalid value: []int32{3, 0, 3}: must be ordered`,
      ],
    ],
    [
      "no exit codes",
      failurePolicy(onCodes([])),
      [`${RULE}.onExitCodes.values: Invalid value: []int32{}: at least one value is required`],
    ],
    [
      "an unknown container",
      failurePolicy(onCodes([1], "In", { containerName: "x" })),
      [
        `${RULE}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`,
      ],
    ],
    [
      "too many rules",
      failurePolicy(...Array(21).fill(onCodes([1]))),
      ["spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items"],
    ],
    [
      "a success policy without indexes",
      { successPolicy: { rules: [{ succeededCount: 1 }] } },
      [
        'spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode',
      ],
    ],
    [
      "a success policy without rules",
      successPolicy(),
      [
        "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified",
      ],
    ],
    [
      "a success rule that says nothing",
      successPolicy({}),
      [
        `${SUCCESS}: Required value: at least one of succeededCount or succeededIndexes must be specified`,
      ],
    ],
    [
      "indexes that there are not",
      successPolicy({ succeededIndexes: "0,7" }),
      [
        `${SUCCESS}.succeededIndexes: Invalid value: "0,7": error parsing succeededIndexes: too large index: "7"`,
      ],
    ],
    [
      "more than the indexes named",
      successPolicy({ succeededIndexes: "0-1", succeededCount: 3 }),
      [
        `${SUCCESS}.succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)`,
      ],
    ],
  ])("%s", (_name, spec, wanted) => {
    expect(jobFaults(spec)).toEqual(wanted);
  });

  test("a name that makes hostnames too long", () => {
    const name = "a".repeat(62);
    expect(jobFaults(INDEXED, name)).toEqual([
      `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-4`,
    ]);
  });
});

describe("an update of a Job", () => {
  const update = (next: object, old: object, status: object = {}): string[] =>
    describeAll(
      kindNamed("Job").validateUpdate(
        make("Job", { template, ...next }, "a", status),
        make("Job", { template, ...old }, "a", status),
      ),
    );
  const nodeSelector = { disk: "ssd" };
  const moved = { template: { spec: { ...template.spec, nodeSelector } } };

  test("may say where the pods of a suspended Job go, until it has run", () => {
    const old = { suspend: true };
    expect(update({ ...old, ...moved }, old)).toEqual([]);
    const started = { startTime: "2024-01-01T00:00:00Z" };
    expect(update({ ...old, ...moved }, old, started)[0]).toMatch(/^spec\.template: .*immutable$/);
    expect(update(moved, {})[0]).toMatch(/^spec\.template: .*field is immutable$/);
  });

  test("may resize an Indexed Job with its parallelism only", () => {
    const old = { ...INDEXED, parallelism: 5 };
    expect(update({ ...old, completions: 7, parallelism: 7 }, old)).toEqual([]);
    expect(update({ ...old, completions: 7 }, old)).toEqual([
      "spec.completions: Invalid value: 7: can only be modified in tandem with spec.parallelism",
    ]);
    expect(update({ completions: 7 }, { completions: 5 })).toEqual([
      "spec.completions: Invalid value: 7: field is immutable",
    ]);
  });

  test("may not change the policies", () => {
    expect(update(failurePolicy(onCodes([1])), failurePolicy(onCodes([2])))[0]).toMatch(
      /^spec\.podFailurePolicy: .*field is immutable$/,
    );
  });
});

describe("a CronJob", () => {
  test("gets its defaults, its Jobs' pods too", () => {
    const cronJob = make("CronJob", { schedule: "@daily", jobTemplate: { spec: { template } } });
    expect(cronJob).toMatchObject({
      spec: {
        concurrencyPolicy: "Allow",
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
        jobTemplate: { spec: { template: { spec: { schedulerName: "default-scheduler" } } } },
      },
    });
    expect(faults(cronJob)).toEqual([]);
    expect(strictDecode(kindNamed("CronJob"), structuredClone(cronJob))).toEqual([]);
  });

  test.each<[string, object, string[]]>([
    ["no schedule", { schedule: "" }, ["spec.schedule: Required value"]],
    [
      "no such schedule",
      { schedule: "off" },
      ['spec.schedule: Invalid value: "off": expected exactly 5 fields, found 1: [off]'],
    ],
    [
      "a zone in the schedule",
      { schedule: "TZ=UTC 0 0 * * *" },
      [
        'spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      ],
    ],
    [
      "an empty zone",
      { timeZone: "" },
      ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
    ],
    [
      "the machine's zone",
      { timeZone: "Local" },
      [
        'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ],
    ],
    [
      "an unknown zone",
      { timeZone: "Moon/Base" },
      ['spec.timeZone: Invalid value: "Moon/Base": unknown time zone Moon/Base'],
    ],
    [
      "an unknown policy",
      { concurrencyPolicy: "Never" },
      [
        'spec.concurrencyPolicy: Unsupported value: "Never": supported values: "Allow", "Forbid", "Replace"',
      ],
    ],
    [
      "negative limits",
      { startingDeadlineSeconds: -1, failedJobsHistoryLimit: -1 },
      [
        "spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0",
      ],
    ],
    [
      "a Job that is not valid",
      { jobTemplate: { spec: { template, parallelism: -1, manualSelector: true } } },
      [
        "spec.jobTemplate.spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
      ],
    ],
  ])("is refused: %s", (_name, spec, wanted) => {
    expect(cronFaults(spec)).toEqual(wanted);
  });

  test("is refused when its Jobs' names would be too long", () => {
    const name = "a".repeat(53);
    expect(cronFaults({}, name)).toEqual([
      `metadata.name: Invalid value: "${name}": must be no more than 52 characters`,
    ]);
  });
});
