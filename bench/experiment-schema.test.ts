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
    ["minSyncPeriod", { network: { minSyncPeriod: "" } }],
    ["fullSyncPeriod", { network: { minSyncPeriod: "2s", fullSyncPeriod: "10m" } }],
    ["serviceNodePortRange", { apiserver: { serviceNodePortRange: "20000-22767" } }],
    ["controllers", { controllerManager: { controllers: ["*", "-job-controller"] } }],
  ])("accepts %s", (_name, cluster) => {
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
    [
      { network: { proxyMode: "userspace" } },
      "cluster.network.proxyMode",
      /^one of iptables, ipvs, nftables$/,
    ],
    [
      { network: { minSyncPeriod: "1" } },
      "cluster.network.minSyncPeriod",
      /^a duration .*, or "": what the proxy mode has$/,
    ],
    [{ network: { syncPeriod: "" } }, "cluster.network.syncPeriod", /^a duration/],
    [
      { network: { fullSyncPeriod: "constant(1h)" } },
      "cluster.network.fullSyncPeriod",
      /^a duration/,
    ],
    [{ network: { proxyWatch: "2" } }, "cluster.network.proxyWatch", /2/],
    [{ dns: { mode: "nodelocal" } }, "cluster.dns.mode", /^one of none, cluster, node-local$/],
    [
      { apiserver: { serviceClusterIpRange: "10.96.0.0" } },
      "cluster.apiserver.serviceClusterIpRange",
      /^a range of addresses/,
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
          properties: {
            scheduler: { properties: { ties: { enum: ["seeded", "lowest-name"] } } },
            network: {
              properties: {
                proxyMode: { enum: ["iptables", "ipvs", "nftables"] },
                minSyncPeriod: { type: "string" },
              },
            },
          },
        },
      },
    });
  });
});
