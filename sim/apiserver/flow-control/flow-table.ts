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
  /** That namespace; "": the schema makes no difference between them. */
  readonly namespace: string;
  /** Number of its priority level. */
  readonly level: number;
  /** The queues that it may use; empty where there are none. */
  readonly hand: readonly number[];
}

/** What a client has asked for, and the flow of that. */
interface Asked {
  readonly verb: Verb;
  readonly kind: string;
  readonly subresource: Subresource;
  readonly namespace: string;
  readonly flow: Flow;
  /** What it asked for the time before. */
  next: Asked | undefined;
}

/**
 * What one client has asked for, the last first: a kubelet asks for the same three or four things
 * all its life, and there are thousands of them, so this is no map.
 */
interface ClientFlows {
  /** The name that it used; "": it has not asked yet. */
  name: string;
  first: Asked | undefined;
  length: number;
  /** What is too long ago for the list. */
  older: Map<string, Asked> | undefined;
}

/** Our choice: a controller manager asks for more, and finds it by its text. */
const LISTED_MAX = 12;

export class FlowTable {
  readonly #configuration: Configuration;
  readonly #levels: readonly (PriorityLevel | undefined)[];
  readonly #identityOf: (call: ApiCall) => string;
  /** By client. */
  readonly #clients: ClientFlows[] = [];
  /** By name: users for whom a client of another name acts (kubectl --as). */
  readonly #impersonated = new Map<string, ClientFlows>();

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
    const known = this.#clients[call.client];
    const client = known?.name === call.clientName ? known : this.#flowsOf(call);
    const { first } = client;
    if (first !== undefined && isSame(first, call, namespace)) return first.flow;
    const asked = takeOut(client, call, namespace) ?? this.#ask(client, call, namespace);
    asked.next = client.first;
    client.first = asked;
    if (++client.length > LISTED_MAX) dropLast(client);
    return asked.flow;
  }

  #ask(client: ClientFlows, call: ApiCall, namespace: string): Asked {
    const { verb, kind, subresource } = call;
    const flow = this.#find(client, call, namespace);
    return { verb, kind, subresource, namespace, flow, next: undefined };
  }

  #find(client: ClientFlows, call: ApiCall, namespace: string): Flow {
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
    const divides = level.dealtQueues > 1;
    const isByNamespace = divides && schema.spec.distinguisherMethod?.type === "ByNamespace";
    const own = isByNamespace ? namespace : "";
    for (let asked = client.first; asked !== undefined; asked = asked.next) {
      const { flow } = asked;
      if (flow.schema === schema.name && flow.namespace === own) return flow;
    }
    const hash = divides ? flowHash(schema.name, distinguisherOf(schema, request)) : 0n;
    const hand = dealHand(hash, level.dealtQueues, level.handSize);
    return { schema: schema.name, namespace: own, level: number, hand };
  }

  #flowsOf({ client, clientName }: ApiCall): ClientFlows {
    while (this.#clients.length <= client) this.#clients.push(newFlows());
    const own = this.#clients[client] as ClientFlows;
    if (own.name === "") own.name = clientName;
    if (own.name === clientName) return own;
    let flows = this.#impersonated.get(clientName);
    if (flows === undefined) {
      flows = newFlows();
      this.#impersonated.set(clientName, flows);
    }
    return flows;
  }
}

function newFlows(): ClientFlows {
  return { name: "", first: undefined, length: 0, older: undefined };
}

function isSame(asked: Asked, call: ApiCall, namespace: string): boolean {
  return (
    asked.verb === call.verb &&
    asked.kind === call.kind &&
    asked.subresource === call.subresource &&
    asked.namespace === namespace
  );
}

/** What the client asked for earlier, off its list. */
function takeOut(client: ClientFlows, call: ApiCall, namespace: string): Asked | undefined {
  let before = client.first;
  for (let asked = before?.next; asked !== undefined; asked = asked.next) {
    if (isSame(asked, call, namespace)) {
      if (before !== undefined) before.next = asked.next;
      client.length--;
      return asked;
    }
    before = asked;
  }
  return client.older?.get(textOf(call, namespace));
}

function dropLast(client: ClientFlows): void {
  let before = client.first as Asked;
  let last = before;
  while (last.next !== undefined) {
    before = last;
    last = last.next;
  }
  before.next = undefined;
  client.length--;
  client.older ??= new Map();
  client.older.set(textOf(last, last.namespace), last);
}

function textOf({ verb, kind, subresource }: Asked | ApiCall, namespace: string): string {
  return `${verb} ${kind}/${subresource} ${namespace}`;
}

/** The namespace in a request's path: that of a Namespace object is its own name. */
function namespaceOf({ record, kind, verb, body }: ApiCall): string {
  if (record === undefined) return (body as Selection | undefined)?.namespace ?? "";
  return kind === "Namespace" && verb !== "create" ? record.name : record.namespace;
}
