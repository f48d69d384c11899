/** Namespaces that every cluster has from the start (the API server makes them). */
export const systemNamespaces: readonly string[] = [
  "default",
  "kube-node-lease",
  "kube-public",
  "kube-system",
];
