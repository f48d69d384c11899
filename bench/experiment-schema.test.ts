import { describe, expect, test } from "vitest";
import { defaultClusterOptions } from "../sim/options.ts";
import { experimentJsonSchema, experimentSchema } from "./experiment-schema.ts";

describe("experimentSchema", () => {
  test("accepts every default of the cluster as a setting", () => {
    const { seed: _seed, ...cluster } = defaultClusterOptions;
    expect(experimentSchema.parse({ cluster })).toEqual({ cluster });
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
