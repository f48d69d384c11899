import { describe, expect, test } from "vitest";
import { defineBalancer } from "../sim/network/index.ts";
import { balancerFrom, isBalancerFile, loadBalancers } from "./balancers.ts";

type Naming = Parameters<typeof loadBalancers>[0];

const naming = (ofProxies: string, ...ofClients: string[]): Naming =>
  ({
    cluster: {
      network: { balancer: ofProxies, proxyMode: "ipvs", ipvsScheduler: "lc" },
      ingress: { balancer: "node" },
    },
    traffic: ofClients.map((balancer) => ({ client: { balancer } })),
    services: { "a/b": { calls: [[{ client: { balancer: "maglev" } }]] } },
    workloadBase: "/srv/e",
  }) as unknown as Naming;

/** A file's balancer has the file's name, without its ending. */
const hooks = {
  loadBalancer: async (path: string) => ({
    balancer: defineBalancer({
      name: path.replace(/^.*\//, "").replace(/\..*$/, ""),
      choose: () => 0,
    }),
    sha256: `sha of ${path}`,
  }),
};

describe("balancers of an experiment", () => {
  test.each([
    ["maglev", "maglev"],
    ["./mine.ts", "./sub/mine.ts"],
    ["mine.js", "./sub/mine.js"],
    ["../mine.mjs", "./mine.mjs"],
    ["../../mine.ts", "../mine.ts"],
    ["/srv/e/mine.ts", "./mine.ts"],
  ])("%s below the folder of the workload is written %s", (text, wanted) => {
    expect(balancerFrom(text, "/srv/e/sub", "/srv/e")).toBe(wanted);
    expect(isBalancerFile(wanted)).toBe(wanted !== "maglev");
  });

  test("are those that it names; one of each is made", async () => {
    const { named, ofProxies, inputs } = await loadBalancers(naming("", "node", "ewma"), hooks);
    expect(ofProxies.name).toBe("least-connection");
    expect(named("maglev")).toBe(named("maglev"));
    expect(named("ewma").name).toBe("ewma");
    expect(inputs).toEqual([]);
  });

  test("files are loaded once, found by path and by name, and are inputs of the run", async () => {
    const loaded = await loadBalancers(naming("./mine.ts", "./mine.ts", "../far.js"), hooks);
    expect(loaded.ofProxies.name).toBe("mine");
    expect(loaded.named("mine")).toBe(loaded.ofProxies);
    expect(loaded.named("../far.js").name).toBe("far");
    expect(loaded.inputs).toEqual([
      { path: "mine.ts", sha256: "sha of /srv/e/mine.ts", balancer: "mine" },
      { path: "../far.js", sha256: "sha of /srv/far.js", balancer: "far" },
    ]);
  });

  test("two files with one name are refused: a report could not tell them apart", async () => {
    const loading = loadBalancers(naming("./mine.ts", "../mine.ts"), hooks);
    await expect(loading).rejects.toThrow(
      'balancer /srv/mine.ts: name: got "mine", which the balancer /srv/e/mine.ts has too',
    );
  });
});
