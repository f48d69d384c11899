/**
 * Who the simulated clients are to the API server: user names and groups, as kubeadm sets a cluster
 * up (kube-controller-manager with --use-service-account-credentials).
 */

/** user.Info of apiserver/pkg/authentication/user. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
}

const AUTHENTICATED = "system:authenticated";
const SERVICE_ACCOUNTS = "system:serviceaccounts";

/**
 * Clients that use a service account of kube-system: those of kube-controller-manager, named in
 * pkg/controller/... and cmd/kube-controller-manager/names, and add-ons. Any other name that ends
 * in `-controller` is one of them too.
 */
const SYSTEM_ACCOUNTS: readonly string[] = [
  "attachdetach-controller",
  "csi-provisioner",
  "generic-garbage-collector",
  "horizontal-pod-autoscaler",
  "kube-proxy",
  "metrics-server",
  "persistent-volume-binder",
  "pod-garbage-collector",
];

/**
 * The cluster's administrator, who submits the workload with the super-admin.conf of kubeadm:
 * system:masters, so that no limit on requests in flight holds for it.
 */
const ADMIN: UserInfo = {
  name: "kubernetes-super-admin",
  groups: ["system:masters", AUTHENTICATED],
};

/** Begins the client name of a user who is not the administrator; see ApiClient.as. */
const USER_PREFIX = "user/";

/**
 * The user behind a client. `identity` tells the clients of one name apart: for a kubelet it is
 * `kubelet/` and the name of its node. `workload` is the administrator, `user/NAME` the plain
 * user of that name, and so is whoever else is not a part of Kubernetes.
 */
export function userOf(clientName: string, identity: string): UserInfo {
  if (clientName === "workload") return ADMIN;
  if (clientName.startsWith(USER_PREFIX))
    return { name: clientName.slice(USER_PREFIX.length), groups: [AUTHENTICATED] };
  if (clientName.startsWith("kubelet")) {
    const node = identity.slice(identity.indexOf("/") + 1);
    return { name: `system:node:${node}`, groups: ["system:nodes", AUTHENTICATED] };
  }
  for (const component of ["kube-scheduler", "kube-controller-manager"]) {
    // With its further clientsets: kube-scheduler-events and the like.
    if (clientName === component || clientName.startsWith(`${component}-`))
      return { name: `system:${component}`, groups: [AUTHENTICATED] };
  }
  if (clientName === "apiserver") {
    return { name: "system:apiserver", groups: ["system:masters", AUTHENTICATED] };
  }
  if (SYSTEM_ACCOUNTS.includes(clientName) || clientName.endsWith("-controller"))
    return serviceAccount("kube-system", clientName);
  return { name: clientName, groups: [AUTHENTICATED] };
}

/** The user of a service account. */
export function serviceAccount(namespace: string, name: string): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: [SERVICE_ACCOUNTS, `${SERVICE_ACCOUNTS}:${namespace}`, AUTHENTICATED],
  };
}
