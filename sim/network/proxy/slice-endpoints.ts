/**
 * SliceEndpoints: what a proxy reads from one EndpointSlice for one port of a Service
 * (pkg/proxy/endpointslicecache.go of v1.30).
 */
import type { EndpointSlice, KeyRecord, Pod } from "../../api/index.ts";
import { InputError } from "../../kernel/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import type { Endpoint } from "./endpoint.ts";
import type { SlotTable } from "./slot-table.ts";

/** Share of the connections of a weighted balancer: a number, 0 or more. Absent: 1. */
export const WEIGHT_ANNOTATION = "stowage.dev/weight";

/** Finds the record of an existing object by its key. */
export interface RecordFinder {
  find(kind: string, key: string): KeyRecord | undefined;
}

/** An endpoint with what the proxies alone look at. */
export interface HintedEndpoint extends Endpoint {
  /** Set again when the node joins later. */
  node: number;
  /** hints.forZones; empty: it has none. */
  readonly hints: readonly string[];
}

export interface EndpointReader {
  readonly nodes: NetworkNodes;
  readonly records: RecordFinder;
}

type SliceEndpoint = EndpointSlice["endpoints"][number];

const NO_HINTS: readonly string[] = [];

/** One slice as it was read. */
export class SliceEndpoints {
  readonly slice: EndpointSlice;
  /** What the target's port is called in slices; undefined: any. */
  readonly portName: string | undefined;
  readonly endpoints: readonly HintedEndpoint[];

  constructor(
    slice: EndpointSlice,
    portName: string | undefined,
    endpoints: readonly HintedEndpoint[],
  ) {
    this.slice = slice;
    this.portName = portName;
    this.endpoints = endpoints;
  }
}

/**
 * Reads a slice. `before`: the same slice as it was read last; endpoints that did not change are
 * the same objects again. Throws InputError for a pod's weight that cannot be read.
 */
export function readSlice(
  slice: EndpointSlice,
  portName: string | undefined,
  before: SliceEndpoints | undefined,
  slots: SlotTable,
  reader: EndpointReader,
): SliceEndpoints {
  const known = new Map<string, HintedEndpoint>();
  for (const each of before?.endpoints ?? []) known.set(each.address, each);
  const endpoints: HintedEndpoint[] = [];
  if (hasPort(slice, portName)) {
    for (const each of slice.endpoints) {
      const address = each.addresses[0];
      if (address === undefined) continue;
      const found = readEndpoint(each, address, slice.metadata.namespace, slots, reader);
      const old = known.get(address);
      endpoints.push(old !== undefined && isSame(old, found) ? old : found);
    }
  }
  return new SliceEndpoints(slice, portName, endpoints);
}

function hasPort({ ports }: EndpointSlice, portName: string | undefined): boolean {
  if (portName === undefined) return true;
  return (ports ?? []).some(({ name = "" }) => name === portName);
}

/** Conditions that are not stated count as ready, serving and not terminating. */
function readEndpoint(
  { conditions = {}, nodeName = "", targetRef, zone = "", hints }: SliceEndpoint,
  address: string,
  namespace: string,
  slots: SlotTable,
  { nodes, records }: EndpointReader,
): HintedEndpoint {
  const podName = targetRef?.kind === "Pod" ? (targetRef.name ?? "") : "";
  const podKey = podName === "" ? "" : `${targetRef?.namespace ?? namespace}/${podName}`;
  return {
    address,
    slot: slots.of(address),
    podKey,
    podName,
    podUid: podName === "" ? "" : (targetRef?.uid ?? ""),
    nodeName,
    node: nodeName === "" ? -1 : nodes.numberOf(nodeName),
    zone,
    isReady: conditions.ready ?? true,
    isServing: conditions.serving ?? true,
    isTerminating: conditions.terminating ?? false,
    weight: podKey === "" ? 1 : weightOf(podKey, records),
    hints: hints?.forZones?.map(({ name }) => name) ?? NO_HINTS,
  };
}

function weightOf(podKey: string, records: RecordFinder): number {
  const record = records.find("Pod", podKey) as KeyRecord<Pod> | undefined;
  const text = record?.stored?.metadata.annotations?.[WEIGHT_ANNOTATION];
  if (text === undefined) return 1;
  const weight = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(weight)) return weight;
  throw new InputError(
    `pod ${podKey}: annotation ${WEIGHT_ANNOTATION}: got "${text}", ` +
      "want its share of the connections, a number, 0 or more.",
  );
}

function isSame(a: HintedEndpoint, b: HintedEndpoint): boolean {
  return (
    a.slot === b.slot &&
    a.podKey === b.podKey &&
    a.podUid === b.podUid &&
    a.nodeName === b.nodeName &&
    a.node === b.node &&
    a.zone === b.zone &&
    a.isReady === b.isReady &&
    a.isServing === b.isServing &&
    a.isTerminating === b.isTerminating &&
    a.weight === b.weight &&
    a.hints.length === b.hints.length &&
    a.hints.every((hint, i) => hint === b.hints[i])
  );
}
