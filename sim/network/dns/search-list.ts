/**
 * SearchList: the names that a resolver asks for, one after the other, until one exists
 * (resolv.conf(5): search, ndots; the kubelet's `ClusterFirst` policy, pkg/kubelet/network/dns).
 */

const CLUSTER_DOMAIN = "cluster.local";

/** How a client writes the name of a Service. */
export type NameForm = "short" | "qualified" | "absolute";

/** The names in the order in which they are asked for, without the dot at the end; the last one that may exist is the Service's own. */
export function namesAskedFor(
  service: string,
  clientNamespace: string,
  form: NameForm,
  ndots: number,
): readonly string[] {
  const [namespace = "", name = ""] = service.split("/");
  const own = `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
  if (form === "absolute") return [own];
  const short = namespace === clientNamespace ? name : `${name}.${namespace}`;
  const written = form === "short" ? short : own;
  const searched = searchDomains(clientNamespace).map((domain) => `${written}.${domain}`);
  const dots = written.split(".").length - 1;
  const asked = dots < ndots ? [...searched, written] : [written, ...searched];
  return asked.slice(0, asked.indexOf(own) + 1);
}

function searchDomains(namespace: string): readonly string[] {
  return [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN];
}
