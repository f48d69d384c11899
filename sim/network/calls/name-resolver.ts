/** NameResolver: how a client gets the address of the Service it calls. `Dns` implements it. */
import type { Call } from "../call/index.ts";

export interface NameResolver {
  /**
   * True: the client knows the address now. False: it asks, and `Calls.resolved` is called when it
   * knows, or has failed to.
   */
  resolve(call: Call): boolean;
}
