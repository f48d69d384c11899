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
      "outputs:\n  files:\n    - pods\n    - nodes",
      'e.yaml:4:7: outputs.files[1]: got "nodes", want one of pods, workloads,',
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
      'e.yaml:2:15: traffic[0].service: got "web", want namespace/name of a Service.',
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
