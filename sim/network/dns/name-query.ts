/** NameQuery: one name that a resolver asks a name server for; and the lookup that it is part of. */
import type { Micros } from "../../kernel/index.ts";
import { type Call, DatagramFlow } from "../call/index.ts";
import type { NameAnswer } from "./name-cache.ts";

/** What a client does to find the address of a Service: its names one after the other. */
export class NameLookup {
  /** The call that waits for it. */
  readonly call: Call;
  readonly names: readonly string[];
  readonly startUs: Micros;
  /** Index of the name that is being asked for. */
  at = 0;
  /** Queries sent, and those of the present name that are not answered yet. */
  queries = 0;
  pending = 0;
  hasFailed = false;
  answer: NameAnswer | undefined = undefined;
  /** The socket of the present name's queries, which are sent again over it, too: glibc's res_send. */
  flow = new DatagramFlow();

  constructor(call: Call, names: readonly string[], startUs: Micros) {
    this.call = call;
    this.names = names;
    this.startUs = startUs;
  }
}

/** What a query carries as its note. */
export class NameQuery {
  readonly lookup: NameLookup;
  readonly name: string;
  answer: NameAnswer | undefined = undefined;

  constructor(lookup: NameLookup, name: string) {
    this.lookup = lookup;
    this.name = name;
  }
}

export function queryOf({ note }: Call): NameQuery | undefined {
  return note instanceof NameQuery ? note : undefined;
}
