import { describe, expect, test } from "vitest";
import { userOf } from "./identity.ts";

describe("userOf", () => {
  test.each([
    ["workload", "workload/0", "kubernetes-super-admin", "system:masters"],
    ["user/ann", "user/ann/0", "ann", "system:authenticated"],
    ["kubelet", "kubelet/n1", "system:node:n1", "system:nodes"],
    ["kube-scheduler", "kube-scheduler/1", "system:kube-scheduler", "system:authenticated"],
    [
      "deployment-controller",
      "deployment-controller/2",
      "system:serviceaccount:kube-system:deployment-controller",
      "system:serviceaccounts:kube-system",
    ],
    ["somebody", "somebody/3", "somebody", "system:authenticated"],
  ])("%s of %s is %s", (client, identity, name, group) => {
    const user = userOf(client, identity);
    expect(user.name).toBe(name);
    expect(user.groups).toContain(group);
    expect(user.groups).toContain("system:authenticated");
    expect(user.groups.includes("system:masters")).toBe(client === "workload");
  });
});
