/**
 * ExternalName Services: DNS answers their names with a CNAME. One that is the name of a Service leads
 * there; any other is a host outside the cluster.
 *
 * Source: CoreDNS 1.11, plugin/backend_lookup.go: a chain of CNAMEs is followed within the zone until it
 * has 8 of them; what it leads to then has no address, so that loops end as names that don't exist.
 */
import type { Service } from "../../api/index.ts";
import type { Endpoint } from "./endpoint.ts";

/** Where a name leads: to a Service (`namespace/name`), to a host outside, or (both "") nowhere. */
export interface NameLead {
  readonly service: string;
  readonly host: string;
}

const CNAMES_MAX = 8;
const CLUSTER_DOMAIN = ".cluster.local";
const SERVICE_DOMAIN = ".svc.cluster.local";
const NOWHERE: NameLead = { service: "", host: "" };

/** Where the name of a Service leads; `serviceOf` finds a Service by `namespace/name`. */
export function followName(key: string, serviceOf: (key: string) => Service | undefined): NameLead {
  let next = key;
  for (let cnames = 0; ; cnames++) {
    const spec = serviceOf(next)?.spec;
    if (spec === undefined) return NOWHERE;
    if (spec.type !== "ExternalName") return { service: next, host: "" };
    if (cnames === CNAMES_MAX) return NOWHERE;
    const name = (spec.externalName ?? "").replace(/\.$/, "").toLowerCase();
    const found = serviceNamed(name);
    if (found !== undefined) next = found;
    else if (name === "" || name.endsWith(CLUSTER_DOMAIN)) return NOWHERE;
    else return { service: "", host: name };
  }
}

/** `namespace/name` of the Service that a full name without its last dot means; undefined: it means none. */
export function serviceNamed(name: string): string | undefined {
  if (!name.endsWith(SERVICE_DOMAIN)) return undefined;
  const labels = name.slice(0, -SERVICE_DOMAIN.length).split(".");
  return labels.length === 2 ? `${labels[1]}/${labels[0]}` : undefined;
}

/**
 * A host outside the cluster, as an endpoint of the ExternalName Service that leads there: kube-proxy
 * knows nothing of it, and it has no pod and no node.
 */
export class OutsideHost implements Endpoint {
  readonly address: string;
  /** `namespace/name` of the Service, whose model says how it serves. */
  readonly service: string;
  readonly slot = 0;
  readonly podKey = "";
  readonly podName = "";
  readonly podUid = "";
  readonly nodeName = "";
  readonly node = -1;
  readonly zone = "";
  readonly isReady = true;
  readonly isServing = true;
  readonly isTerminating = false;
  readonly weight = 1;

  constructor(service: string, host: string) {
    this.service = service;
    this.address = host;
  }
}
