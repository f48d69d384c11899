/**
 * DatagramFlow: what the connection tracking of the client's node knows of one UDP socket: its
 * datagrams go where the first of them went, as long as the entry lasts.
 *
 * The entry lives with the socket, so that no table grows with the requests: a socket that is closed
 * sends nothing which its entry could be asked for.
 */
import type { Micros } from "../../kernel/index.ts";
import type { BalanceSite, Endpoint } from "../proxy/index.ts";

/** net.netfilter.nf_conntrack_udp_timeout, and _stream once an answer was seen: Linux' defaults. */
const UDP_TIMEOUT_US: Micros = 30_000_000;
const UDP_STREAM_TIMEOUT_US: Micros = 120_000_000;

export class DatagramFlow {
  /** Who chose the endpoint, and which; undefined: nothing was sent yet. */
  site: BalanceSite | undefined = undefined;
  endpoint: Endpoint | undefined = undefined;
  /** When the last datagram was seen, of either side. */
  lastUs: Micros = 0;
  isAnswered = false;

  answered(nowUs: Micros): void {
    this.isAnswered = true;
    this.lastUs = nowUs;
  }

  /** Whether the kernel has forgotten it. */
  isOver(nowUs: Micros): boolean {
    return nowUs - this.lastUs >= (this.isAnswered ? UDP_STREAM_TIMEOUT_US : UDP_TIMEOUT_US);
  }
}
