import { expect, test } from "vitest";
import { trafficOf } from "./endpoint-traffic-table.ts";

/** The arithmetic of KEP-0752, sample case 1, from its own sizes: 100 bytes per endpoint, one write per change. */
test("the published case follows from 10 kB slices that are written once per endpoint", () => {
  const traffic = trafficOf({
    endpoints: 20_000,
    writes: 20_000,
    bytes: 20_000 * 10_000,
    fullSliceBytes: 10_000,
    fullSliceEndpoints: 100,
  });
  expect(traffic).toEqual({
    endpointBytes: 100,
    endpointsUpdate: 10e9,
    sliceUpdate: 50e6,
    endpointsRollout: 200e12,
    sliceRollout: 1e12,
  });
});

test("a smaller run counts for as many endpoints as the published case has", () => {
  const run = {
    endpoints: 200,
    writes: 100,
    bytes: 1_000,
    fullSliceBytes: 10,
    fullSliceEndpoints: 1,
  };
  expect(trafficOf(run).sliceRollout).toBe(1_000 * 5_000 * 100);
});
