/** ServerEnd: the pod at the far end of a connection, as far as connections and calls must know it. */
import type { KeyRecord, Pod } from "../../api/index.ts";
import type { Micros } from "../../kernel/index.ts";

export class ServerEnd {
  readonly record: KeyRecord<Pod>;
  /** When its containers got the signal to stop: it takes no new connections; -1: they did not. */
  stoppingUs: Micros = -1;
  /** When its containers ended; -1: they run. */
  endedUs: Micros = -1;

  constructor(record: KeyRecord<Pod>) {
    this.record = record;
  }
}
