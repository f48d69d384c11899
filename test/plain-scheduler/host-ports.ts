/** Host ports: HostPortInfo, in pkg/scheduler/framework/types.go. */
import type { Pod } from "./scenario.ts";

const ANY_ADDRESS = "0.0.0.0";

export interface HostPort {
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

export const hostPortsOf = ({ spec }: Pod): readonly HostPort[] =>
  spec.containers
    .flatMap((container) => container.ports ?? [])
    .filter(({ hostPort = 0 }) => hostPort > 0)
    .map(({ hostIP, protocol, hostPort = 0 }) => ({
      address: hostIP || ANY_ADDRESS,
      protocol: protocol || "TCP",
      port: hostPort,
    }));

export const portKey = ({ address, protocol, port }: HostPort): string =>
  `${address} ${protocol} ${port}`;

/** HostPortInfo.CheckConflict for one pair: any address meets every other. */
export const conflicts = (one: HostPort, other: HostPort): boolean =>
  one.protocol === other.protocol &&
  one.port === other.port &&
  (one.address === ANY_ADDRESS || other.address === ANY_ADDRESS || one.address === other.address);
