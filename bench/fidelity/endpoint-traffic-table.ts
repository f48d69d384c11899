/**
 * What EndpointSlices save: bytes = size of the written object x watchers. The writes and sizes are
 * those of the EndpointSlice controller in a real run of fewer endpoints; watchers and endpoints of
 * the published case follow by arithmetic.
 */

import type { EndpointSlice, Manifest } from "../../sim/api/index.ts";
import { newCluster, nodes, pausePod, SECOND_US } from "./fidelity-cluster.ts";
import type { FidelityTable } from "./figure.ts";
import { groupedNumber } from "./grouped-number.ts";
import { byArithmetic, published } from "./published.ts";

/** The published case. */
const ENDPOINTS = 20_000;
const WATCHERS = 5_000;
const KEP_BYTES_PER_ENDPOINT = 100;

/** What a roll-out made the controller write. */
export interface SliceWrites {
  /** Endpoints of the Service. */
  readonly endpoints: number;
  readonly writes: number;
  readonly bytes: number;
  /** A slice that is full: `--max-endpoints-per-slice`, 100. */
  readonly fullSliceBytes: number;
  readonly fullSliceEndpoints: number;
}

export interface Traffic {
  readonly endpointBytes: number;
  readonly endpointsUpdate: number;
  readonly sliceUpdate: number;
  readonly endpointsRollout: number;
  readonly sliceRollout: number;
}

/**
 * Bytes of the published case. With Endpoints the whole object goes to every watcher whenever one
 * endpoint changes; with slices, one slice; a roll-out replaces every endpoint once.
 */
export function trafficOf(run: SliceWrites): Traffic {
  const endpointBytes = run.fullSliceBytes / run.fullSliceEndpoints;
  const endpointsUpdate = endpointBytes * ENDPOINTS * WATCHERS;
  return {
    endpointBytes,
    endpointsUpdate,
    sliceUpdate: run.fullSliceBytes * WATCHERS,
    endpointsRollout: endpointsUpdate * ENDPOINTS,
    sliceRollout: run.bytes * WATCHERS * (ENDPOINTS / run.endpoints),
  };
}

const labels = { app: "web" };

function service(): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: labels, ports: [{ port: 80 }] },
  };
}

function deployment(replicas: number): Manifest {
  const { spec } = pausePod("");
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

/** Rolls a Deployment of so many pods behind a Service, and counts the writes of slices. */
export function rollOut(endpoints: number): SliceWrites {
  const cluster = newCluster(nodes(100));
  // 20 pods a second are created: then some.
  const rolloutUs = (endpoints / 20 + 60) * SECOND_US;
  const totals = { writes: 0, bytes: 0, fullSliceBytes: 0, fullSliceEndpoints: 1 };
  cluster.trace.committed.subscribe(({ object, timeUs }) => {
    if (object.kind !== "EndpointSlice") return;
    const count = (object as EndpointSlice).endpoints?.length ?? 0;
    const bytes = JSON.stringify(object).length;
    if (count >= totals.fullSliceEndpoints) {
      totals.fullSliceBytes = bytes;
      totals.fullSliceEndpoints = count;
    }
    if (timeUs < rolloutUs) return;
    totals.writes++;
    totals.bytes += bytes;
  });
  const { operations } = cluster;
  operations.append(SECOND_US, { verb: "create", object: service(), source: "" });
  const object = deployment(endpoints);
  operations.append(SECOND_US, { verb: "create", object, source: "" });
  const images = { main: "pause:4" };
  operations.append(rolloutUs, { verb: "setImage", object, images, source: "" });
  operations.close();
  cluster.start();
  cluster.run(Number.MAX_SAFE_INTEGER);
  return { endpoints, ...totals };
}

export function endpointTraffic(isQuick: boolean): FidelityTable {
  const run = rollOut(isQuick ? 200 : 400);
  const traffic = trafficOf(run);
  const kep = byArithmetic(KEP_BYTES_PER_ENDPOINT, "bytes", "KEP-0752: 2 MB / 20,000 endpoints");
  const perChange = run.writes / run.endpoints;
  return {
    title: "EndpointSlice traffic",
    note:
      `${groupedNumber(ENDPOINTS)} endpoints, ${groupedNumber(WATCHERS)} watching nodes, by arithmetic from a ` +
      `run with ${groupedNumber(run.endpoints)} endpoints, whose roll-out wrote ${run.writes} slices (${perChange.toFixed(2)} per ` +
      "endpoint: one goes, another comes and becomes ready; KEP-0752 reckons with one write). Sizes are those of the objects as JSON, with the pod's name, " +
      "uid and node; KEP-0752 reckons with fewer bytes for an endpoint, so compare the ratios.",
    rows: [
      {
        what: "bytes per endpoint",
        simulated: traffic.endpointBytes,
        published: { ...kep, use: "predicted" },
      },
      {
        what: "one change, Endpoints",
        simulated: traffic.endpointsUpdate,
        published: published.endpointsUpdate,
      },
      {
        what: "one change, EndpointSlices",
        simulated: traffic.sliceUpdate,
        published: published.sliceUpdate,
      },
      {
        what: "one change, saved by a factor of",
        simulated: traffic.endpointsUpdate / traffic.sliceUpdate,
        published: published.updateSaving,
      },
      {
        what: "roll-out, Endpoints",
        simulated: traffic.endpointsRollout,
        published: published.endpointsRollout,
      },
      {
        what: "roll-out, EndpointSlices",
        simulated: traffic.sliceRollout,
        published: published.sliceRollout,
      },
      {
        what: "roll-out, saved by a factor of",
        simulated: traffic.endpointsRollout / traffic.sliceRollout,
        published: published.rolloutSaving,
      },
    ],
  };
}
