/** SimulatedCluster: a cluster that is run step by step, looked at, and worked with. */
import {
  IgnoredParts,
  kindNamed,
  kindNames,
  type Manifest,
  ManifestDecoder,
  parseSelectorString,
  type Trace,
} from "../sim/api/index.ts";
import type { Cluster, Operation } from "../sim/index.ts";
import { InputError, nearestName } from "../sim/kernel/index.ts";
import { type Duration, microseconds } from "./duration.ts";
import type { KindName, ObjectOf } from "./object-types.ts";

/** Objects as YAML or JSON text, as an object, or several of either. */
export type ManifestSource = string | object | readonly (string | object)[];

/** What a fact of a tracepoint holds. */
export type FactOf<Name extends keyof Trace> = Parameters<
  Parameters<Trace[Name]["subscribe"]>[0]
>[0];

/** Which objects of a kind. */
export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  /** As for kubectl: `app=web,tier!=db`. */
  readonly labelSelector?: string | undefined;
}

/** How an object is deleted: as with kubectl delete. */
export interface DeleteOptions {
  /** `default` if absent; of no meaning for kinds without namespaces. */
  readonly namespace?: string | undefined;
  /** Absent: the object's own. */
  readonly gracePeriodSeconds?: number | undefined;
  /** `Background` if absent. */
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan" | undefined;
}

/** An operation of a user, as kubectl does it: see {@link SimulatedCluster.perform}. */
export type UserOperation = Operation extends infer Each
  ? Each extends Operation
    ? Omit<Each, "source" | "bytes">
    : never
  : never;

/**
 * A simulated cluster at a moment of its virtual time. `createCluster` makes it.
 *
 * What a user does (`apply`, `delete`, `perform`) begins now and takes virtual time: run the
 * cluster to see what comes of it. A mistake in it (a name that is taken, an invalid object) shows
 * as an {@link InputError} of the `runUntil` or `step` in which the API server refuses it.
 */
export class SimulatedCluster {
  readonly #cluster: Cluster;
  readonly #notice: (text: string) => void;

  /** Made by `createCluster`. */
  constructor(cluster: Cluster, notice: (text: string) => void) {
    this.#cluster = cluster;
    this.#notice = notice;
  }

  /** Virtual time, in microseconds since the beginning. */
  get nowUs(): number {
    return this.#cluster.kernel.nowUs;
  }

  /** Events so far. */
  get events(): number {
    return this.#cluster.kernel.dispatched;
  }

  /**
   * Runs up to and including a virtual time: `"10m"`, or microseconds since the beginning. Periodic
   * chores go on, too. InputError for a time that has passed.
   */
  runUntil(time: Duration): void {
    const untilUs = microseconds(time, "runUntil");
    if (untilUs < this.nowUs)
      throw new InputError(
        `runUntil: got ${untilUs / 1_000_000} s, want a time from now on: it is ` +
          `${this.nowUs / 1_000_000} s. To go on for a while, call runFor.`,
      );
    this.#cluster.kernel.runThrough(untilUs);
    this.#cluster.settle();
  }

  /** Runs for a span of virtual time. */
  runFor(span: Duration): void {
    this.runUntil(this.nowUs + microseconds(span, "runFor"));
  }

  /** Fires the next event. False: nothing is left to happen. */
  step(): boolean {
    return this.#cluster.kernel.step();
  }

  /**
   * Runs until nothing but periodic chores is left to do, at most up to the virtual time `limit`.
   * Returns whether it came so far.
   */
  runUntilIdle(limit: Duration = "24h"): boolean {
    const end = this.#cluster.run(Math.max(this.nowUs, microseconds(limit, "runUntilIdle")));
    this.#cluster.settle();
    return end === "idle";
  }

  /**
   * kubectl apply, of each object in order. InputError, with line and column, for what is no
   * Kubernetes object.
   */
  apply(manifests: ManifestSource): void {
    for (const object of decodeSource(manifests, "apply", this.#notice))
      this.perform({ verb: "apply", object });
  }

  /** kubectl delete. */
  delete(kind: KindName, name: string, options: DeleteOptions = {}): void {
    const { namespace = "default", gracePeriodSeconds, propagationPolicy } = options;
    const { apiVersion } = knownKind(kind);
    this.perform({
      verb: "delete",
      object: { apiVersion, kind, metadata: { name, namespace } },
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    });
  }

  /**
   * Whatever a user does with kubectl: scale, patch, rollout, label, taint, cordon, drain, evict ...
   *
   *   cluster.perform({ verb: "cordon", object: { apiVersion: "v1", kind: "Node", metadata: { name } } });
   */
  perform(operation: UserOperation): void {
    this.#cluster.perform({ ...operation, source: operation.verb } as Operation);
  }

  /**
   * The object, as the API server would show it now: a copy, plain JSON. `undefined`: it is not
   * there. InputError for an unknown kind.
   */
  get<Name extends KindName>(
    kind: Name,
    name: string,
    { namespace = "default" }: { readonly namespace?: string | undefined } = {},
  ): ObjectOf<Name> | undefined {
    const within = knownKind(kind).namespaced ? namespace : "";
    const found = this.#cluster
      .list(kind)
      .find((record) => record.name === name && record.namespace === within);
    return found?.stored === undefined ? undefined : plain<Name>(found.stored);
  }

  /**
   * All objects of a kind, ordered by namespace and name: copies, plain JSON. InputError for an
   * unknown kind, or a selector that cannot be read. O(objects of the kind).
   */
  list<Name extends KindName>(
    kind: Name,
    { namespace, labelSelector = "" }: ListOptions = {},
  ): ObjectOf<Name>[] {
    knownKind(kind);
    const selector = parseSelectorString(labelSelector);
    if (typeof selector === "string")
      throw new InputError(`labelSelector: got "${labelSelector}": ${selector}.`);
    return this.#cluster.list(kind).flatMap(({ namespace: own, stored }) => {
      if (stored === undefined || (namespace !== undefined && own !== namespace)) return [];
      return selector.matches(stored.metadata.labels ?? {}) ? [plain<Name>(stored)] : [];
    });
  }

  /**
   * Calls `observer` with each fact of a tracepoint from now on. Facts are read at once and not
   * kept or changed. Returns what ends it.
   *
   *   const stop = cluster.on("podStarted", ({ record, timeUs }) => console.log(record.name, timeUs));
   */
  on<Name extends keyof Trace>(
    tracepoint: Name,
    observer: (fact: FactOf<Name>) => void,
  ): () => void {
    const known = this.#cluster.trace[tracepoint];
    if (known === undefined) throw unknownTracepoint(tracepoint, Object.keys(this.#cluster.trace));
    let isOn = true;
    const subscribe = known.subscribe.bind(known) as (
      observe: (fact: FactOf<Name>) => void,
    ) => void;
    subscribe((fact) => {
      if (isOn) observer(fact);
    });
    return () => {
      isOn = false;
    };
  }

  /**
   * A second cluster that goes on from this moment on its own: the same future unless somebody does
   * something else. Observers are not copied.
   */
  fork(): SimulatedCluster {
    return new SimulatedCluster(this.#cluster.fork(), this.#notice);
  }
}

/** The objects, checked as the API would check them. InputError names the place after `where`. */
export function decodeSource(
  source: ManifestSource,
  where: string,
  notice: (text: string) => void,
): Manifest[] {
  const ignored = new IgnoredParts();
  const sources = (Array.isArray(source) ? source : [source]) as readonly (string | object)[];
  const objects = sources.flatMap((each, i) => {
    const text = typeof each === "string" ? each : JSON.stringify(each);
    const decoder = new ManifestDecoder(sources.length > 1 ? `${where}[${i}]` : where, ignored);
    return [...decoder.push(text), ...decoder.end()].map(({ object }) => object);
  });
  for (const line of ignored.tell()) notice(line);
  return objects;
}

/** A deep copy without what JSON does not have. */
const plain = <Name extends KindName>(object: object): ObjectOf<Name> =>
  JSON.parse(JSON.stringify(object)) as ObjectOf<Name>;

function knownKind(kind: string) {
  const names = kindNames();
  if (names.includes(kind)) return kindNamed(kind);
  const near = nearestName(kind, names);
  const hint = near === undefined ? `Known: ${names.join(", ")}.` : `Did you mean "${near}"?`;
  throw new InputError(`kind: got "${kind}", want the kind of an object. ${hint}`);
}

function unknownTracepoint(name: string, names: readonly string[]): InputError {
  const near = nearestName(name, names);
  const hint = near === undefined ? `Known: ${names.join(", ")}.` : `Did you mean "${near}"?`;
  return new InputError(`tracepoint: got "${name}", want one of a cluster's. ${hint}`);
}
