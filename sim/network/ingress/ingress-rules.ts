/**
 * IngressRules: which Service a request to a host and path is for, as ingress-nginx configures nginx.
 *
 *   host     its own server before `*.example.com` (one label) before that of rules without a host
 *   path     Exact, then the longest Prefix by path elements; ImplementationSpecific is Prefix
 *   Ingress  the oldest one holds where two say the same
 *
 * A host with rules of its own does not fall back to those without a host: what no path of it
 * matches goes to its Ingress' defaultBackend, or gets 404.
 * Source: internal/ingress/controller/controller.go (createUpstreams, createServers,
 * mergeAlternativeBackends) and store.go of ingress-nginx v1.10; the Ingress documentation of
 * Kubernetes for the matching of paths.
 */
import type { Ingress, networking } from "../../api/index.ts";
import { annotationsOf, type CanaryRule, type IngressAnnotations } from "./ingress-annotations.ts";

/** One port of one Service that requests are sent on to. */
export interface Upstream {
  /** `namespace/name` */
  readonly service: string;
  /** Name or number of its port. */
  readonly port: string;
  readonly annotations: IngressAnnotations;
  /** Where a share of its requests goes instead; all paths that lead here share it. */
  canary: Canary | undefined;
}

export interface Canary {
  readonly upstream: Upstream;
  readonly rule: CanaryRule;
}

interface PathRule {
  /** Of a prefix without the slash at its end. */
  readonly path: string;
  readonly isExact: boolean;
  readonly upstream: Upstream;
}

interface Server {
  /** Exact ones, then the longest first. */
  readonly paths: PathRule[];
  readonly fallback: Upstream | undefined;
}

/** By host; "": rules without one. */
export type IngressRules = ReadonlyMap<string, Server>;

/** The rules of these Ingresses, in any order. */
export function ingressRules(ingresses: readonly Ingress[]): IngressRules {
  const build = new RulesBuild();
  const canaries: Ingress[] = [];
  for (const ingress of [...ingresses].sort(byAge)) {
    if (annotationsOf(ingress).canary === undefined) build.add(ingress);
    else canaries.push(ingress);
  }
  for (const canary of canaries) build.merge(canary);
  for (const { paths } of build.servers.values()) paths.sort(byPrecedence);
  return build.servers;
}

/** The Service that a request is for; undefined: none (404). `path` may have a query. */
export function findUpstream(
  rules: IngressRules,
  host: string,
  path: string,
): Upstream | undefined {
  const server = serverOf(rules, host.toLowerCase().replace(/:\d*$/, ""));
  if (server === undefined) return undefined;
  const bare = path.replace(/[?#].*$/, "");
  const found = server.paths.find((rule) => matches(rule, bare));
  return found === undefined ? server.fallback : found.upstream;
}

function serverOf(rules: IngressRules, host: string): Server | undefined {
  const own = host === "" ? undefined : rules.get(host);
  if (own !== undefined) return own;
  const dot = host.indexOf(".");
  const wildcard = dot > 0 ? rules.get(`*${host.slice(dot)}`) : undefined;
  return wildcard ?? rules.get("");
}

function matches({ isExact, path }: PathRule, asked: string): boolean {
  if (isExact) return asked === path;
  if (!asked.startsWith(path)) return false;
  return asked.length === path.length || path === "" || asked.charCodeAt(path.length) === SLASH;
}

const SLASH = 47;

class RulesBuild {
  readonly servers = new Map<string, Server>();
  readonly #upstreams = new Map<string, Upstream>();

  add(ingress: Ingress): void {
    const { defaultBackend, rules = [] } = ingress.spec;
    const fallback = this.#upstream(ingress, defaultBackend);
    if (rules.length === 0 && fallback !== undefined) this.#server("", fallback);
    for (const { host = "", http } of rules) {
      // The server of rules without a host is the controller's own: 404 unless an Ingress without
      // rules says otherwise.
      const { paths } = this.#server(host.toLowerCase(), host === "" ? undefined : fallback);
      for (const each of http?.paths ?? []) {
        const upstream = this.#upstream(ingress, each.backend);
        const { isExact, path } = formOf(each);
        if (upstream === undefined) continue;
        if (!paths.some((known) => known.path === path && known.isExact === isExact))
          paths.push({ path, isExact, upstream });
      }
    }
  }

  /** A canary changes where requests of rules that others have go; it adds none. */
  merge(ingress: Ingress): void {
    const { defaultBackend, rules = [] } = ingress.spec;
    this.#mergeInto(this.servers.get("")?.fallback, ingress, defaultBackend);
    for (const { host = "", http } of rules) {
      const server = this.servers.get(host.toLowerCase());
      for (const each of http?.paths ?? []) {
        const { isExact, path } = formOf(each);
        const stable = server?.paths.find((of) => of.path === path && of.isExact === isExact);
        this.#mergeInto(stable?.upstream, ingress, each.backend);
      }
    }
  }

  /** The first canary holds; a Service with rules of its own is none. */
  #mergeInto(
    stable: Upstream | undefined,
    ingress: Ingress,
    backend: networking.IngressBackend | undefined,
  ): void {
    const annotations = annotationsOf(ingress);
    const place = placeOf(ingress, backend);
    if (stable === undefined || stable.canary !== undefined || place === undefined) return;
    if (annotations.canary === undefined || this.#upstreams.has(keyOf(place))) return;
    const upstream = { ...place, annotations, canary: undefined };
    stable.canary = { upstream, rule: annotations.canary };
  }

  /** Made by the first rule of a host, with what requests get there that match no path. */
  #server(host: string, fallback: Upstream | undefined): Server {
    const known = this.servers.get(host);
    if (known !== undefined && (known.fallback !== undefined || host !== "")) return known;
    const server = { paths: known?.paths ?? [], fallback };
    this.servers.set(host, server);
    return server;
  }

  #upstream(
    ingress: Ingress,
    backend: networking.IngressBackend | undefined,
  ): Upstream | undefined {
    const place = placeOf(ingress, backend);
    if (place === undefined) return undefined;
    const key = keyOf(place);
    let upstream = this.#upstreams.get(key);
    if (upstream === undefined) {
      upstream = { ...place, annotations: annotationsOf(ingress), canary: undefined };
      this.#upstreams.set(key, upstream);
    }
    return upstream;
  }
}

/** undefined: a backend that is no Service, which ingress-nginx passes over. */
function placeOf(
  { metadata: { namespace } }: Ingress,
  backend: networking.IngressBackend | undefined,
): Pick<Upstream, "port" | "service"> | undefined {
  const service = backend?.service;
  if (service === undefined) return undefined;
  const { name, number } = service.port ?? {};
  return { service: `${namespace}/${service.name}`, port: name || String(number ?? "") };
}

const keyOf = ({ port, service }: Pick<Upstream, "port" | "service">): string =>
  `${service}:${port}`;

function formOf({ path = "/", pathType }: networking.HTTPIngressPath): {
  readonly path: string;
  readonly isExact: boolean;
} {
  const isExact = pathType === "Exact";
  return { path: isExact ? path : path.replace(/\/+$/, ""), isExact };
}

/** The older first; of one age by namespace and name. */
function byAge({ metadata: a }: Ingress, { metadata: b }: Ingress): number {
  if (a.creationTimestamp !== b.creationTimestamp)
    return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  const [keyA, keyB] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return keyA < keyB ? -1 : keyA > keyB ? 1 : 0;
}

/** An Exact path is as long as the request's own. Two of a form have different paths. */
function byPrecedence(a: PathRule, b: PathRule): number {
  if (a.isExact !== b.isExact) return a.isExact ? -1 : 1;
  if (a.path.length !== b.path.length) return b.path.length - a.path.length;
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
