import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../test/builders.ts";
import { FactScript } from "../test/fact-script.ts";
import { FaultsRecorder } from "./faults-recorder.ts";

function rowsOf(tell: (script: FactScript) => void): string[] {
  const rows: string[] = [];
  const script = new FactScript();
  new FaultsRecorder((row) => rows.push(row.join())).attach(script.trace);
  tell(script);
  return rows;
}

const node = makeNode("n1").build();
const ready = (status: "True" | "Unknown", reason: string) => ({
  ...node,
  status: { ...node.status, conditions: [{ type: "Ready" as const, status, reason }] },
});

describe("FaultsRecorder", () => {
  test("tells when a fault struck and when it was over", () => {
    const fact = { fault: "node-down", target: "n1" };
    const rows = rowsOf(({ trace }) => {
      trace.fault.emit({ ...fact, step: "struck", timeUs: 1_000_000 });
      trace.fault.emit({ ...fact, step: "recovered", timeUs: 3_000_000 });
    });
    expect(rows).toEqual([
      "1.000000,fault_struck,n1,,,node-down",
      "3.000000,fault_recovered,n1,,,node-down",
    ]);
  });

  test("tells who led and who took over, by component", () => {
    const rows = rowsOf(({ trace: { leadership } }) => {
      leadership.emit({ component: "a", leader: "a-0", step: "lost", timeUs: 1 });
      leadership.emit({ component: "etcd", leader: "term-1", step: "lost", timeUs: 2 });
      leadership.emit({ component: "a", leader: "a-1", step: "taken", timeUs: 3 });
    });
    expect(rows).toEqual([
      "0.000001,leader_lost,a,a-0,,",
      "0.000002,leader_lost,etcd,term-1,,",
      "0.000003,leader_taken,a,a-0,a-1,",
    ]);
  });

  test("tells changes of a node's condition Ready, and no others", () => {
    const rows = rowsOf((script) =>
      script
        .node("n1", ready("True", "KubeletReady"), 0)
        .node("n1", ready("True", "KubeletReady"), 1)
        .node("n1", ready("Unknown", "NodeStatusUnknown"), 2)
        .node("n1", undefined, 3),
    );
    expect(rows).toEqual(["0.000002,node_ready_changed,n1,True,Unknown,NodeStatusUnknown"]);
  });

  test("tells a pod that a taint drives away once, and no victim of preemption", () => {
    const target = {
      type: "DisruptionTarget" as const,
      status: "True" as const,
      reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint",
    };
    const pod = makePod("p").build();
    const evicted = { ...pod, status: { ...pod.status, conditions: [target] } };
    const rows = rowsOf((script) => {
      script.created(pod, 0).created(makePod("q").build(), 0).preempted("q", 1);
      const { trace } = script;
      const entry = { type: "MODIFIED" as const, record: script.record("p"), revision: 9 };
      trace.committed.emit({ ...entry, object: evicted, old: pod, timeUs: 2 });
      const again = { ...evicted, status: { ...evicted.status, conditions: [target] } };
      trace.committed.emit({ ...entry, object: again, old: evicted, timeUs: 3 });
    });
    expect(rows).toEqual([`0.000002,pod_evicted,default/p,,,${target.message}`]);
  });
});
