import { describe, expect, test } from "vitest";
import { defaultClusterOptions } from "../sim/options/index.ts";
import { withConfiguredSettings } from "./configured-settings.ts";

describe("withConfiguredSettings", () => {
  test("changes what the file states and nothing else", () => {
    const clientConnection = { qps: 7, burst: 8 };
    const options = withConfiguredSettings(defaultClusterOptions, {
      podMaxBackoffSeconds: 60,
      clientConnection,
    });
    expect(options).toEqual({
      ...defaultClusterOptions,
      scheduler: { ...defaultClusterOptions.scheduler, podMaxBackoffSeconds: 60 },
      clients: {
        ...defaultClusterOptions.clients,
        "kube-scheduler": clientConnection,
        "kube-scheduler-events": clientConnection,
      },
    });
  });

  test("a file that states nothing leaves the options as they are", () => {
    expect(withConfiguredSettings(defaultClusterOptions, undefined)).toBe(defaultClusterOptions);
    expect(withConfiguredSettings(defaultClusterOptions, {})).toEqual(defaultClusterOptions);
  });
});
