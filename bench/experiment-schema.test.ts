import { describe, expect, test } from "vitest";
import { defaultClusterOptions } from "../sim/options/index.ts";
import { experimentJsonSchema, experimentSchema } from "./experiment-schema.ts";

describe("experimentSchema", () => {
  test("accepts every default of the cluster as a setting", () => {
    const { seed: _seed, ...cluster } = defaultClusterOptions;
    expect(experimentSchema.parse({ cluster })).toEqual({ cluster });
  });

  test.each([
    ["disableAdmissionPlugins", { apiserver: { disableAdmissionPlugins: ["ResourceQuota"] } }],
    [
      "webhooks",
      {
        apiserver: {
          webhooks: [{ name: "a.b", type: "mutating", kinds: ["*"], latency: "constant(5ms)" }],
        },
      },
    ],
    ["controllers", { controllerManager: { controllers: ["*", "-job-controller"] } }],
  ])("accepts the list %s", (_name, cluster) => {
    expect(experimentSchema.parse({ cluster })).toEqual({ cluster });
  });

  const hook = { name: "a.b", type: "mutating", kinds: ["Pod"], latency: "5ms" };
  test.each([
    [
      { apiserver: { disableAdmissionPlugins: ["Quota"] } },
      "cluster.apiserver.disableAdmissionPlugins.0",
      /^one of NamespaceLifecycle, LimitRanger, .*ResourceQuota$/,
    ],
    [{ apiserver: { webhooks: {} } }, "cluster.apiserver.webhooks", /^a list of webhooks$/],
    [
      { apiserver: { webhooks: [{ ...hook, rejectionRate: 2 }] } },
      "cluster.apiserver.webhooks.0.rejectionRate",
      /^a share of requests, 0 to 1$/,
    ],
    [
      { apiserver: { webhooks: [{ ...hook, timeout: 2 }] } },
      "cluster.apiserver.webhooks.0",
      /^name, type, kinds, latency, /,
    ],
    [
      { controllerManager: { controllers: ["-jobs-controller"] } },
      "cluster.controllerManager.controllers.0",
      /^got "-jobs-controller", want .* Did you mean "job-controller"\?$/,
    ],
  ])("refuses %o", (cluster, path, message) => {
    const issues = experimentSchema.safeParse({ cluster }).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join("."))).toEqual([path]);
    expect(issues[0]?.message).toMatch(message);
  });

  test("has a JSON Schema that knows the cluster's settings", () => {
    expect(experimentJsonSchema()).toMatchObject({
      additionalProperties: false,
      properties: {
        cluster: {
          properties: { scheduler: { properties: { ties: { enum: ["seeded", "lowest-name"] } } } },
        },
      },
    });
  });
});
