/**
 * FlowTable: the flow of each request, found once for each combination of client, verb, kind,
 * subresource and namespace. A cache: made anew from the configuration whenever that changes.
 *
 * Hot: `of` is on the path of every request.
 */
import { kindNamed } from "../../api/index.ts";
import { aggregatedResource } from "../aggregated-apis.ts";
import { qualified } from "../answers.ts";
import type { ApiCall, Selection, Subresource, Verb } from "../api-call.ts";
import { userOf } from "../identity.ts";
import type { Configuration } from "./configuration.ts";
import { distinguisherOf, matchFlowSchema, type RequestInfo } from "./flow-schema-matching.ts";
import type { PriorityLevel } from "./priority-level.ts";
import { dealHand, flowHash } from "./shuffle-sharding.ts";

/** Requests that are treated as one: of one FlowSchema, and of one user or namespace. */
export interface Flow {
  readonly schema: string;
  /** Number of its priority level. */
  readonly level: number;
  /** The queues that it may use; empty where there are none. */
  readonly hand: readonly number[];
}

/** Flows of one client, verb, kind and subresource: that of one namespace, and those of others. */
interface Entry {
  namespace: string;
  flow: Flow;
  others: Map<string, Flow> | undefined;
}

const VERBS: Readonly<Record<Verb, number>> = {
  create: 0,
  update: 1,
  patch: 2,
  delete: 3,
  deletecollection: 4,
  get: 5,
  list: 6,
  watch: 7,
};
const SUBRESOURCES: Readonly<Record<Subresource, number>> = {
  "": 0,
  status: 1,
  binding: 2,
  scale: 3,
  eviction: 4,
  finalize: 5,
};

/** What one client's requests fall under, by verb, kind and subresource. */
interface ClientEntries {
  /** The name of its first request; "": there was none. */
  name: string;
  readonly entries: Map<number, Entry>;
  /** Its last request, and the flow of that: a kubelet goes on asking for the same. */
  verb: Verb;
  kind: string;
  subresource: Subresource;
  namespace: string;
  flow: Flow | undefined;
}

export class FlowTable {
  readonly #configuration: Configuration;
  readonly #levels: readonly (PriorityLevel | undefined)[];
  readonly #identityOf: (call: ApiCall) => string;
  readonly #kinds = new Map<string, number>();
  /** By client. */
  readonly #clients: ClientEntries[] = [];
  /** By name: users for whom a client of another name acts (kubectl --as). */
  readonly #impersonated = new Map<string, Map<number, Entry>>();
  /** By schema and distinguisher. */
  readonly #flows = new Map<string, Flow>();

  constructor(
    configuration: Configuration,
    levels: readonly (PriorityLevel | undefined)[],
    identityOf: (call: ApiCall) => string,
  ) {
    this.#configuration = configuration;
    this.#levels = levels;
    this.#identityOf = identityOf;
  }

  /** The flow that a request belongs to. */
  of(call: ApiCall): Flow {
    const namespace = namespaceOf(call);
    const client = this.#clients[call.client];
    if (client === undefined || client.name !== call.clientName)
      return this.#lookUp(call, namespace, this.#entriesOf(call));
    if (
      client.flow !== undefined &&
      client.namespace === namespace &&
      client.verb === call.verb &&
      client.kind === call.kind &&
      client.subresource === call.subresource
    )
      return client.flow;
    const flow = this.#lookUp(call, namespace, client.entries);
    client.verb = call.verb;
    client.kind = call.kind;
    client.subresource = call.subresource;
    client.namespace = namespace;
    client.flow = flow;
    return flow;
  }

  #lookUp(call: ApiCall, namespace: string, entries: Map<number, Entry>): Flow {
    const kind = this.#kinds.get(call.kind) ?? this.#kindOf(call.kind);
    const key = kind * 64 + VERBS[call.verb] * 8 + SUBRESOURCES[call.subresource];
    const entry = entries.get(key);
    if (entry === undefined) {
      const flow = this.#find(call, namespace);
      entries.set(key, { namespace, flow, others: undefined });
      return flow;
    }
    if (entry.namespace === namespace) return entry.flow;
    entry.others ??= new Map();
    let flow = entry.others.get(namespace);
    if (flow === undefined) {
      flow = this.#find(call, namespace);
      entry.others.set(namespace, flow);
    }
    return flow;
  }

  #find(call: ApiCall, namespace: string): Flow {
    const { verb, kind, subresource } = call;
    const user = userOf(call.clientName, this.#identityOf(call));
    const path = aggregatedResource(kind) ?? qualified(kindNamed(kind));
    const [resource = "", ...group] = path.split(".");
    const apiGroup = group.join(".");
    const request: RequestInfo = { user, verb, apiGroup, resource, subresource, namespace };
    const { schemas } = this.#configuration;
    const schema =
      matchFlowSchema(schemas, request) ?? schemas.find(({ name }) => name === "catch-all");
    if (schema === undefined) throw new Error("no FlowSchema catch-all"); // it is mandatory
    const levelName = schema.spec.priorityLevelConfiguration.name;
    const number = this.#levels.findIndex((each) => each?.name === levelName);
    const level = this.#levels[number];
    if (level === undefined) throw new Error(`no priority level "${levelName}"`);
    const distinguisher = level.dealtQueues > 1 ? distinguisherOf(schema, request) : "";
    const key = `${schema.name}\0${distinguisher}`;
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      const hash = level.dealtQueues > 1 ? flowHash(schema.name, distinguisher) : 0n;
      const hand = dealHand(hash, level.dealtQueues, level.handSize);
      flow = { schema: schema.name, level: number, hand };
      this.#flows.set(key, flow);
    }
    return flow;
  }

  #entriesOf({ client, clientName }: ApiCall): Map<number, Entry> {
    while (this.#clients.length <= client) this.#clients.push(newEntries());
    const own = this.#clients[client] as ClientEntries;
    if (own.name === "") own.name = clientName;
    if (own.name === clientName) return own.entries;
    let entries = this.#impersonated.get(clientName);
    if (entries === undefined) {
      entries = new Map();
      this.#impersonated.set(clientName, entries);
    }
    return entries;
  }

  #kindOf(kind: string): number {
    const number = this.#kinds.size;
    this.#kinds.set(kind, number);
    return number;
  }
}

function newEntries(): ClientEntries {
  return {
    name: "",
    entries: new Map(),
    verb: "get",
    kind: "",
    subresource: "",
    namespace: "",
    flow: undefined,
  };
}

/** The namespace in a request's path: that of a Namespace object is its own name. */
function namespaceOf({ record, kind, verb, body }: ApiCall): string {
  if (record === undefined) return (body as Selection | undefined)?.namespace ?? "";
  return kind === "Namespace" && verb !== "create" ? record.name : record.namespace;
}
