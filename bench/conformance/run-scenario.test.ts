/** What the comparison sees, on recordings whose expectations are made wrong. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { decodeScenario, type Recording } from "./decode-scenario.ts";
import { readLines } from "./read-lines.ts";
import { type FailedPod, runScenario } from "./run-scenario.ts";

const edgeCases = fileURLToPath(
  new URL("../../test/reference/conformance/edge-cases.jsonl.gz", import.meta.url),
);
const lines: ReadonlyMap<string, string> = new Map(
  Array.from(readLines(edgeCases), ({ text }) => [nameIn(text), text]),
);

function nameIn(text: string): string {
  return (JSON.parse(text) as Recording).scenario.name;
}

// biome-ignore lint/suspicious/noExplicitAny: the tests break recordings in every possible way
type Broken = any;

/** The recording, after `change` was done to what is expected. */
async function failures(
  name: string,
  change: (expected: Broken, scenario: Broken) => void = () => {},
): Promise<readonly FailedPod[]> {
  const line = JSON.parse(lines.get(name) ?? "null") as Broken;
  change(line.expected, line.scenario);
  return runScenario(decodeScenario(line, "f.jsonl:1"), {
    evaluation: "full",
    where: "f.jsonl:1",
    breathe: async () => {},
  });
}

const PREEMPTION = "edge-pre-pdb-first";
const [first, second] = [
  (expected: Broken): Broken => expected.steps[0],
  (expected: Broken): Broken => expected.steps[0].afterPreemption,
];
const cpu = 'NodeResourcesFit Unschedulable ["Insufficient cpu"]';
const memory = { plugin: "NodeResourcesFit", code: "Unschedulable", reasons: ["no"] };

describe("a recording that is left as it is", () => {
  test.each([PREEMPTION, "edge-gates", "edge-host-ip", "edge-matchfields", "edge-unknown-profile"])(
    "%s passes",
    async (name) => expect(await failures(name)).toEqual([]),
  );
});

describe("a wrong expectation is told with plugin, node, what was wanted and what was found", () => {
  const cases: readonly [
    what: string,
    change: (expected: Broken) => void,
    wanted: Partial<FailedPod["difference"]>,
  ][] = [
    [
      "another reason of a filter",
      (e) => {
        first(e).filtered.n1 = memory;
      },
      {
        field: "filtered",
        plugin: "NodeResourcesFit",
        node: "n1",
        expected: 'NodeResourcesFit Unschedulable ["no"]',
        got: cpu,
      },
    ],
    [
      "a node that should be feasible",
      (e) => {
        delete first(e).filtered.n0;
        first(e).feasible = ["n0"];
      },
      { field: "filtered", node: "n0", expected: "passes all filters", got: cpu },
    ],
    [
      "a score",
      (e) => {
        second(e).scores.n1.NodeResourcesFit = 73;
      },
      {
        field: "afterPreemption.scores",
        plugin: "NodeResourcesFit",
        node: "n1",
        expected: "73",
        got: "74",
      },
    ],
    [
      "a score of a plugin that did not score",
      (e) => {
        second(e).scores.n1.NodeAffinity = 1;
      },
      { plugin: "NodeAffinity", node: "n1", expected: "1", got: "0" },
    ],
    [
      "a score of a plugin that is not expected to score",
      (e) => {
        delete second(e).scores.n1.TaintToleration;
      },
      { plugin: "TaintToleration", node: "n1", expected: "0", got: "300" },
    ],
    [
      "a score on a node that is not feasible",
      (e) => {
        second(e).scores.n7 = {};
      },
      { field: "afterPreemption.scores", node: "n7", got: "not feasible" },
    ],
    [
      "a total",
      (e) => {
        second(e).totals.n1 = 450;
      },
      { field: "afterPreemption.totals", node: "n1", expected: "450", got: "449" },
    ],
    [
      "the best nodes",
      (e) => {
        second(e).best = ["n0", "n1"];
      },
      { field: "afterPreemption.bestCount", expected: "2", got: "1" },
    ],
    [
      "the chosen node",
      (e) => {
        second(e).chosen = "n0";
      },
      { field: "afterPreemption.chosen", node: "n0", expected: '"n0"', got: '"n1"' },
    ],
    [
      "the number of feasible nodes",
      (e) => {
        first(e).feasibleCount = 3;
      },
      { field: "feasibleCount", expected: "3", got: "0" },
    ],
    [
      "the nominated node as the only one",
      (e) => {
        second(e).nominatedNodeOnly = false;
      },
      { field: "afterPreemption.nominatedNodeOnly", expected: "false", got: "true" },
    ],
    [
      "the message",
      (e) => {
        first(e).fitError += "!";
      },
      { field: "fitError", got: '"0/2 nodes are available: 2 Insufficient cpu."' },
    ],
    [
      "a potential node",
      (e) => first(e).postFilter.potentialNodes.pop(),
      { field: "postFilter.potentialNodes", expected: '["n0"]', got: '["n0","n1"]' },
    ],
    [
      "the victims of a candidate",
      (e) => {
        first(e).postFilter.candidates.n0.victims = [];
      },
      {
        field: "postFilter.candidates.victims",
        plugin: "DefaultPreemption",
        node: "n0",
        expected: "[]",
        got: '["default/a"]',
      },
    ],
    [
      "the violations of a candidate",
      (e) => {
        first(e).postFilter.candidates.n0.numPDBViolations = 0;
      },
      { field: "postFilter.candidates.numPDBViolations", node: "n0", expected: "0", got: "1" },
    ],
    [
      "a candidate that is none",
      (e) => {
        first(e).postFilter.candidates.n9 = { victims: [], numPDBViolations: 0 };
      },
      { field: "postFilter.candidates", node: "n9", got: "null" },
    ],
    [
      "why preemption does not work on a node",
      (e) => {
        first(e).postFilter.nodeStatuses = { n0: memory };
      },
      { field: "postFilter.nodeStatuses", node: "n0", got: "no status" },
    ],
    [
      "the best candidates",
      (e) => {
        first(e).postFilter.bestNodes = ["n0"];
      },
      { field: "postFilter.bestNodes", expected: '["n0"]', got: '["n1"]' },
    ],
    [
      "the nominated node",
      (e) => {
        first(e).postFilter.nominatedNode = "n0";
      },
      { field: "postFilter.nominatedNode", node: "n0", expected: '"n0"', got: '"n1"' },
    ],
    [
      "the victims",
      (e) => {
        first(e).postFilter.victims = ["default/a"];
      },
      { field: "postFilter.victims", expected: '["default/a"]', got: '["default/b"]' },
    ],
    [
      "the outcome of preemption",
      (e) => {
        first(e).postFilter.code = "Unschedulable";
      },
      { field: "postFilter.code", expected: '"Unschedulable"', got: '"Success"' },
    ],
    [
      "the outcome",
      (e) => {
        first(e).outcome = "ignored";
      },
      { field: "outcome", expected: '"ignored"', got: '"unschedulable"' },
    ],
    [
      "the pod",
      (e) => {
        first(e).pod = "default/ho";
      },
      { field: "pod", expected: '"default/ho"', got: '"default/hi"' },
    ],
    [
      "the profile",
      (e) => {
        first(e).profile = "mine";
      },
      { field: "profile", expected: '"mine"', got: '"default-scheduler"' },
    ],
    [
      "a rejection on all nodes at once",
      (e) => {
        first(e).preFilter = memory;
      },
      { field: "preFilter", plugin: "NodeResourcesFit" },
    ],
    [
      "nodes that a preFilter leaves out",
      (e) => {
        first(e).excludedByPreFilter = ["n1"];
      },
      { field: "excludedByPreFilter", expected: '["n1"]', got: "[]" },
    ],
    [
      "a volume that is bound",
      (e) => {
        second(e).volumes = { static: [{ pvc: "default/c", pv: "v" }] };
      },
      {
        field: "afterPreemption.volumes.static",
        plugin: "VolumeBinding",
        expected: '["default/c to v"]',
        got: "[]",
      },
    ],
    [
      "an error",
      (e) => {
        first(e).error = "no nodes available to schedule pods";
      },
      { field: "error", got: "nothing" },
    ],
  ];

  test.each(cases)("%s", async (_what, change, wanted) => {
    const [failed, ...others] = await failures(PREEMPTION, change);
    expect(others).toEqual([]);
    expect(failed?.pod).toBe("default/hi");
    expect(failed?.difference).toMatchObject(wanted);
  });

  test("the gate that kept a pod out", async () => {
    const found = await failures("edge-gates", (expected) => {
      expected.steps[0].preEnqueue.reasons = ["waiting"];
    });
    expect(found).toMatchObject([
      { pod: "default/p0", difference: { field: "preEnqueue", plugin: "SchedulingGates" } },
    ]);
  });

  test("a second attempt after a preemption that did not happen", async () => {
    const found = await failures("edge-gates", (expected) => {
      expected.steps[1].afterPreemption = { chosen: "a" };
    });
    expect(found[0]?.difference).toMatchObject({ field: "afterPreemption", got: "none" });
  });

  test("a step without a pod", async () => {
    const found = await failures("edge-gates", ({ steps }) => steps.push({ pod: "default/p9" }));
    expect(found).toMatchObject([{ pod: "default/p9", difference: { field: "steps" } }]);
  });

  test("a pod that is bound elsewhere in the end, and one that is not bound", async () => {
    const found = await failures(PREEMPTION, (expected) => {
      expected.finalBindings = { "default/a": "n1", "default/b": "n1", "default/hi": "n1" };
    });
    expect(found).toMatchObject([
      { pod: "default/a", difference: { field: "finalBindings", expected: '"n1"', got: '"n0"' } },
      { pod: "default/b", difference: { expected: '"n1"', got: "not bound" } },
    ]);
  });

  test("one difference per pod: the first in the order of the cycle", async () => {
    const found = await failures(PREEMPTION, (expected) => {
      first(expected).filtered.n0 = memory;
      first(expected).fitError = "";
      first(expected).postFilter.victims = [];
      expected.finalBindings["default/hi"] = "n0";
    });
    expect(found).toMatchObject([{ pod: "default/hi", difference: { field: "filtered" } }]);
  });
});

describe("what is absent in the recording is not compared", () => {
  test("no field of a step", async () => {
    for (const field of Object.keys(JSON.parse(lines.get(PREEMPTION) ?? "").expected.steps[0])) {
      const found = await failures(PREEMPTION, (expected) => {
        delete first(expected)[field];
      });
      expect({ field, found }).toEqual({ field, found: [] });
    }
  });

  test("no steps, no bindings", async () => {
    const change = (expected: Broken): void => {
      delete expected.steps;
      delete expected.finalBindings;
    };
    expect(await failures(PREEMPTION, change)).toEqual([]);
  });

  test("and its order where order means nothing", async () => {
    const change = (expected: Broken): void => {
      first(expected).postFilter.potentialNodes.reverse();
      first(expected).filtered.n0.reasons = ["Insufficient cpu"];
    };
    const found = await failures(PREEMPTION, change);
    expect(found).toEqual([]);
  });
});

describe("the volumes of a pod are those that were reserved for it", () => {
  const CLASS = {
    metadata: { name: "made" },
    provisioner: "csi.example.com",
    volumeBindingMode: "WaitForFirstConsumer",
  };
  const CLAIM = {
    metadata: { name: "c", uid: "uid-c" },
    spec: { storageClassName: "made", resources: { requests: { storage: "2Gi" } } },
    status: { phase: "Pending" },
  };
  const reserved = (storage: string): Broken => ({
    metadata: { name: "v" },
    spec: {
      storageClassName: "made",
      capacity: { storage },
      claimRef: { namespace: "default", name: "c" },
    },
    status: { phase: "Available" },
  });

  test.each([
    ["a volume that names the claim", "2Gi", { static: [{ pvc: "default/c", pv: "v" }] }],
    ["but not one that is too small", "1Gi", { dynamic: ["default/c"] }],
  ])("%s", async (_case, storage, volumes) => {
    const found = await failures("edge-one-node", (expected, scenario) => {
      scenario.storageClasses = [structuredClone(CLASS)];
      scenario.persistentVolumeClaims = [structuredClone(CLAIM)];
      scenario.persistentVolumes = [reserved(storage)];
      scenario.pendingPods = scenario.pendingPods.slice(0, 1);
      const claim = { persistentVolumeClaim: { claimName: "c" } };
      scenario.pendingPods[0].spec.volumes = [{ name: "data", ...claim }];
      expected.steps = [{ outcome: "scheduled", volumes }];
      delete expected.finalBindings;
    });
    expect(found).toEqual([]);
  });
});

describe("the cluster is what the scenario says", () => {
  test("finished pods are not there", async () => {
    const found = await failures(PREEMPTION, (expected, scenario) => {
      for (const pod of scenario.boundPods) pod.status.phase = "Succeeded";
      expected.steps = [{ chosen: "n0", feasibleCount: 2 }];
      expected.finalBindings = { "default/hi": "n0" };
    });
    expect(found).toEqual([]);
  });

  test("a cluster without nodes gives kube-scheduler's error", async () => {
    const error = "no nodes available to schedule pods";
    const found = await failures("edge-one-node", (expected, scenario) => {
      scenario.nodes = [];
      expected.steps = [{ outcome: "unschedulable", error }];
      expected.finalBindings = {};
    });
    expect(found).toEqual([]);
  });
});
