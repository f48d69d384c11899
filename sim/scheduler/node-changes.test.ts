import { describe, expect, test } from "vitest";
import { makeNode } from "../../test/scheduler-fixture.ts";
import type { Node } from "../api/index.ts";
import { nodeSchedulingPropertiesChange } from "./node-changes.ts";
import { ActionType } from "./queue/cluster-event.ts";

const base = makeNode("n1", "4", { zone: "a" });

function changed(part: { metadata?: object; spec?: object; status?: object }): Node {
  const { metadata = {}, spec = {}, status = {} } = part;
  return {
    ...base,
    metadata: { ...base.metadata, ...metadata },
    spec: { ...base.spec, ...spec },
    status: { ...base.status, ...status },
  };
}

const ready = (status: string, lastHeartbeatTime: string): object => ({
  status: { conditions: [{ type: "Ready", status, lastHeartbeatTime }] },
});
const taint = { key: "gpu", effect: "NoSchedule" };
const { UpdateNodeAllocatable, UpdateNodeLabel, UpdateNodeTaint, UpdateNodeCondition } = ActionType;

describe("the update of a node is", () => {
  test.each([
    ["nothing", {}, {}, []],
    ["cordoned", {}, { spec: { unschedulable: true } }, []],
    ["uncordoned", { spec: { unschedulable: true } }, {}, [UpdateNodeTaint]],
    ["larger", {}, { status: { allocatable: { cpu: "8" } } }, [UpdateNodeAllocatable]],
    ["labels", {}, { metadata: { labels: { zone: "b" } } }, [UpdateNodeLabel]],
    ["a taint", {}, { spec: { taints: [taint] } }, [UpdateNodeTaint]],
    ["an empty list of taints", {}, { spec: { taints: [] } }, []],
    ["a heartbeat", ready("True", "1"), ready("True", "2"), []],
    ["ready at last", ready("False", "1"), ready("True", "2"), [UpdateNodeCondition]],
    [
      "annotations",
      {},
      { metadata: { annotations: { note: "x" } } },
      [ActionType.UpdateNodeAnnotation],
    ],
    [
      "several things",
      { spec: { taints: [taint] } },
      { metadata: { labels: {} }, status: { allocatable: {} } },
      [UpdateNodeAllocatable, UpdateNodeLabel, UpdateNodeTaint],
    ],
  ])("%s", (_name, before, after, actionTypes) => {
    const events = nodeSchedulingPropertiesChange(changed(after), changed(before));
    expect(events.map(({ resource }) => resource)).toEqual(actionTypes.map(() => "Node"));
    expect(events.map(({ actionType }) => actionType)).toEqual(actionTypes);
  });
});
