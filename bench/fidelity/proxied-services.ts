/** Services whose endpoints nobody serves: rules for the kube-proxies, and no pods to simulate. */
import type { Manifest } from "../../sim/api/index.ts";

export interface ProxiedServices {
  /** Endpoints of each, in a slice that is not the controller's; 0: no slice. At most 1,000. */
  readonly sizes: readonly number[];
  /** Number of the first. */
  readonly from?: number;
  /** Whether pods with the label `app: svc-N` are behind it, too. */
  readonly selects?: boolean;
}

const namespace = "default";

/** So many of one size. */
export function equalSizes(count: number, endpoints: number): number[] {
  return new Array<number>(count).fill(endpoints);
}

/** `svc-N` for each number. */
export function proxiedServices({ sizes, from = 0, selects = false }: ProxiedServices): Manifest[] {
  return sizes.flatMap((endpoints, i) => {
    const made = service(from + i, selects);
    return endpoints === 0 ? [made] : [made, slice(from + i, endpoints)];
  });
}

function service(number: number, selects: boolean): Manifest {
  const name = `svc-${number}`;
  const ports = [{ port: 80 }];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: selects ? { selector: { app: name }, ports } : { ports },
  };
}

function slice(number: number, endpoints: number): Manifest {
  const name = `svc-${number}`;
  const labels = { "kubernetes.io/service-name": name };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-fixed`, namespace, labels },
    addressType: "IPv4",
    endpoints: Array.from({ length: endpoints }, (_, i) => ({
      addresses: [`10.128.${i >> 8}.${i & 255}`],
      conditions: { ready: true },
    })),
    ports: [{ port: 80 }],
  };
}
