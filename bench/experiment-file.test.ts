import { describe, expect, test } from "vitest";
import { parseExperiment, readExperimentFile } from "./experiment-file.ts";

const faults = (text: string): Promise<string[]> =>
  parseExperiment("e.yaml", text).then(
    () => [],
    (error: Error) => {
      expect(error.name).toBe("InputError");
      return error.message.split("\n");
    },
  );

describe("an experiment file", () => {
  test.each([
    ["empty", ""],
    ["a comment", "# nothing yet\n"],
  ])("may be %s: everything has a default", async (_case, text) => {
    expect(await parseExperiment("e.yaml", text)).toEqual({});
  });

  test("gives its settings as they are written", async () => {
    const text = "workload: {openb: {load: as-is}}\nseeds: [1, two]\ncluster: {events: true}\n";
    expect(await parseExperiment("e.yaml", text)).toEqual({
      workload: { openb: { load: "as-is" } },
      seeds: [1, "two"],
      cluster: { events: true },
    });
  });

  test.each([
    [
      "an unknown field",
      "policys: [a]",
      'e.yaml:1:1: unknown field "policys". Did you mean "policies"?',
    ],
    [
      "an unknown field far from any",
      "a: 1",
      'e.yaml:1:1: unknown field "a". Known: name, cluster, workload,',
    ],
    [
      "an unknown latency",
      "cluster:\n  latency:\n    etcdFsnc: 5ms",
      'e.yaml:3:5: unknown field "cluster.latency.etcdFsnc". Did you mean "etcdFsync"?',
    ],
    [
      "a bad distribution",
      "cluster:\n  latency:\n    etcdFsync: fast",
      'e.yaml:3:16: cluster.latency.etcdFsync: got "fast", want',
    ],
    [
      "a word out of a choice",
      "cluster:\n  scheduler: {ties: coin}",
      'e.yaml:2:21: cluster.scheduler.ties: got "coin", want one of seeded, lowest-name.',
    ],
    [
      "a negative number",
      "cluster:\n  etcd:\n    historyPerKind: -1",
      "e.yaml:3:21: cluster.etcd.historyPerKind: got -1, want a number, 0 or more.",
    ],
    [
      "text for true or false",
      "cluster: {events: yes}",
      'e.yaml:1:19: cluster.events: got "yes", want true or false.',
    ],
    [
      "half a client",
      "cluster:\n  clients:\n    me: {qps: 5}",
      "e.yaml:3:9: cluster.clients.me.burst: got nothing, want a whole number of requests",
    ],
    [
      "a duration without unit",
      "horizon: 90",
      "e.yaml:1:10: horizon: got 90, want auto, or a duration with its unit, such as 90s",
    ],
    [
      "no seed",
      "seeds: 0",
      "e.yaml:1:8: seeds: got 0, want how many seeds, 1 to 100000, or a list of seeds.",
    ],
    [
      "an empty list",
      "policies: []",
      "e.yaml:1:11: policies: got an empty list, want at least one policy.",
    ],
    [
      "one value for a list",
      "policies: default",
      'e.yaml:1:11: policies: got "default", want a list of policies.',
    ],
    [
      "an unknown file",
      "outputs:\n  files:\n    - pods\n    - machines",
      'e.yaml:4:7: outputs.files[1]: got "machines", want one of pods, workloads,',
    ],
    [
      "a sample of more than all",
      "outputs:\n  traceSample: 1.5",
      "e.yaml:2:16: outputs.traceSample: got 1.5, want a share, 0 to 1.",
    ],
    [
      "a load of nothing",
      "workload:\n  openb:\n    load: 0",
      "e.yaml:3:11: workload.openb.load: got 0, want a number above 0, or as-is.",
    ],
    [
      "a group without name",
      "workload:\n  synthetic:\n    pods:\n      - count: 5",
      "e.yaml:4:9: workload.synthetic.pods[0].name: got nothing, want a name.",
    ],
    [
      "a negative request",
      "workload:\n  synthetic:\n    pods:\n      - { name: p, cpu: -1 }",
      "e.yaml:4:25: workload.synthetic.pods[0].cpu: got -1, want a quantity of 0 or more, such as",
    ],
    [
      "a word for a quantity",
      "workload:\n  synthetic:\n    nodes:\n      - { name: n, resources: { gpu: few } }",
      'e.yaml:4:38: workload.synthetic.nodes[0].resources.gpu: got "few", want a quantity',
    ],
    [
      "an unknown policy",
      "policies:\n  - default\n  - defaut",
      'e.yaml:3:5: policies[1]: There is no policy "defaut". Did you mean default?',
    ],
    ["a list at the top", "- a", "e.yaml:1:1: got a list, want fields, out of: name, cluster,"],
    [
      "a Service without namespace",
      "traffic:\n  - {service: web, arrivals: 1s, serviceTime: 1ms}",
      'e.yaml:2:15: traffic[0].service: got "web", want namespace/name of a Service, or',
    ],
    [
      "traffic to nobody",
      "traffic:\n  - {arrivals: 1s, serviceTime: 1ms}",
      "e.yaml:2:5: traffic[0]: got neither service nor ingress, want one of them.",
    ],
    [
      "a rate below 0",
      "traffic:\n  - {service: a/b, serviceTime: 1ms, arrivals: poisson(rate=-1/s)}",
      'e.yaml:2:48: traffic[0].arrivals: got "poisson(rate=-1/s)", want rate= as a rate of 0 or more.',
    ],
    [
      "an unknown process",
      "traffic:\n  - {service: a/b, serviceTime: 1ms, arrivals: poison(rate=1/s)}",
      'e.yaml:2:48: traffic[0].arrivals: got "poison(rate=1/s)", want a distribution of gaps',
    ],
    [
      "an open and closed loop",
      "traffic:\n  - {service: a/b, serviceTime: 1ms, arrivals: 1s, clients: 3, thinkTime: 1s}",
      "e.yaml:2:5: traffic[0]: got arrivals and clients, want one of them",
    ],
    [
      "clients that do not think",
      "traffic:\n  - {service: a/b, serviceTime: 1ms, clients: 3}",
      "e.yaml:2:5: traffic[0]: got clients without thinkTime.",
    ],
    [
      "a name that is nearly one",
      "cluster: {network: {proxyMode: iptable}}",
      'e.yaml:1:32: cluster.network.proxyMode: got "iptable", want one of iptables, ipvs, nftables. ' +
        'Did you mean "iptables"?',
    ],
    [
      "an unknown balancer of a client",
      "traffic:\n  - {service: a/b, serviceTime: 1ms, arrivals: 1s, balancer: raund-robin}",
      'e.yaml:2:62: traffic[0].balancer: There is no load balancer "raund-robin". Did you mean round-robin?',
    ],
    [
      "work that nobody has said",
      "traffic:\n  - {service: a/web, arrivals: 1s}\nservices: {a/wep: {serviceTime: 1s}}",
      "e.yaml:2:5: traffic[0]: got no serviceTime, and a/web has no model under services.",
    ],
    [
      "a call to a Service without a model",
      "services:\n  a/shop: {serviceTime: 1s, calls: [{to: a/dp}]}\n  a/db: {serviceTime: 1s}",
      'e.yaml:2:42: services.a/shop.calls[0].to: got "a/dp", a Service without a model, want one',
    ],
    [
      "calls without end",
      "services:\n  a/b: {serviceTime: 1s, calls: [[{to: a/c, times: 2}]]}\n  a/c: {serviceTime: 1s, calls: [{to: a/b, probability: 0.5}]}",
      "e.yaml:2:3: services: calls that never end: a/b -> a/c -> a/b. Each round of it makes as many",
    ],
    [
      "an unknown field of a call",
      "services:\n  a/b: {serviceTime: 1s, calls: [{to: a/b, probabilty: 0.5}]}",
      'e.yaml:2:44: unknown field "services.a/b.calls[0].probabilty". Did you mean "probability"?',
    ],
    [
      "a probability above 1 in a list of calls",
      "services:\n  a/b: {serviceTime: 1s, calls: [[{to: a/b, probability: 1.5}]]}",
      "e.yaml:2:58: services.a/b.calls[0][0].probability: got 1.5, want a share, 0 to 1.",
    ],
    [
      "a call that is a name",
      "services:\n  a/b: {serviceTime: 1s, calls: [a/c]}",
      'e.yaml:2:34: services.a/b.calls[0]: got "a/c", want a call such as {to: default/db},',
    ],
    [
      "a model of no Service",
      "services:\n  shop: {serviceTime: 1s}",
      'e.yaml:2:9: services.shop: got "shop", want namespace/name of a Service.',
    ],
    [
      "a warm-up of another kind",
      "analysis: {warmup: mser5}",
      'e.yaml:1:20: analysis.warmup: got "mser5", want none, mser-5, or a duration',
    ],
    [
      "a warm-up of an unknown series",
      "analysis: {warmup: mser-5, of: makespan}",
      'e.yaml:1:32: analysis.of: got "makespan", want one of scheduling_wait, pod_startup,',
    ],
    [
      "an odd number of intervals",
      "outputs: {nodeIntervals: 7}",
      "e.yaml:1:26: outputs.nodeIntervals: got 7, want an even number of intervals, 2 or more",
    ],
    ["two documents", "name: a\n---\nname: b", "e.yaml: got 2 YAML documents, want one."],
    ["YAML that is broken", "a: [1,\nb: }", "e.yaml:2:"],
    ["a key twice", "name: a\nname: b", "e.yaml:2:1: Map keys must be unique. Fix the YAML."],
  ])("is refused with %s", async (_case, text, message) => {
    expect((await faults(text))[0]?.slice(0, message.length)).toBe(message);
  });

  test("is told all its faults at once, in the order of the file", async () => {
    const text =
      "seeds: 0\nhorizn: auto\noutputs:\n  utilizationInterval: fast\npolicies: [./a.ts, defaut]\n";
    expect((await faults(text)).map((line) => line.slice(0, 11))).toEqual([
      "e.yaml:1:8:",
      "e.yaml:2:1:",
      "e.yaml:4:24",
      "e.yaml:5:20",
    ]);
  });

  test("that is missing is said by its name", async () => {
    await expect(readExperimentFile("gone.yaml", "/nowhere/gone.yaml")).rejects.toThrow(
      "gone.yaml: no such file, want an experiment file. Check the path.",
    );
  });
});
