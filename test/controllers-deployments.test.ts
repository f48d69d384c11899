import { describe, expect, test } from "vitest";
import type { Deployment, Event, KeyRecord } from "../sim/api/index.ts";
import {
  ControllerWorld,
  deployment,
  SECOND,
  template,
  type WorldOptions,
} from "./controllers-fixture.ts";

const REVISION = "deployment.kubernetes.io/revision";

class Rollout {
  readonly world: ControllerWorld;
  readonly record: KeyRecord;

  constructor(replicas: number, spec: object = {}, options: WorldOptions = {}) {
    this.world = new ControllerWorld(options);
    this.record = this.world.create(deployment("web", replicas, spec));
    this.world.run(30);
  }

  get object(): Deployment {
    return this.record.stored as Deployment;
  }

  get progressing(): string[] {
    const found = this.object.status.conditions?.find(({ type }) => type === "Progressing");
    return [found?.status ?? "", found?.reason ?? "", found?.message ?? ""];
  }

  /** Image and size of each ReplicaSet, by revision. */
  get sets(): string[] {
    return this.world.sets
      .map(({ metadata, spec }) => {
        const image = spec.template?.spec?.containers[0]?.image;
        return `${metadata.annotations?.[REVISION]}: ${image} x${spec.replicas}`;
      })
      .sort();
  }

  get events(): string[] {
    return this.world
      .list<Event>("Event")
      .filter(({ involvedObject }) => involvedObject.kind === "Deployment")
      .map(({ message = "" }) => message.replace(/web-\w+/, "web-x"));
  }

  change(image: string, seconds = 30): void {
    this.world.patch(this.record, { spec: { template: template("web", image) } });
    this.world.run(seconds);
  }
}

describe("progressDeadlineSeconds", () => {
  test("a rollout without progress is told of once the deadline has passed", () => {
    const fate = (_pod: unknown, number: number) => (number > 2 ? "unready" : "runs");
    const rollout = new Rollout(2, { progressDeadlineSeconds: 60 }, { fate });
    expect(rollout.progressing.slice(0, 2)).toEqual(["True", "NewReplicaSetAvailable"]);
    rollout.change("web:2", 58);
    expect(rollout.progressing.slice(0, 2)).toEqual(["True", "ReplicaSetUpdated"]);
    rollout.world.run(6);
    const [status, reason, message] = rollout.progressing;
    expect([status, reason]).toEqual(["False", "ProgressDeadlineExceeded"]);
    expect(message).toMatch(/^ReplicaSet "web-\w+" has timed out progressing\.$/);
  });

  test("what was too late may still succeed", () => {
    const startUs = (number: number) => (number >= 2 ? 100 * SECOND : 0);
    const rollout = new Rollout(2, { progressDeadlineSeconds: 60 }, { startUs });
    rollout.change("web:2", 80);
    expect(rollout.progressing[1]).toBe("ProgressDeadlineExceeded");
    rollout.world.run(400);
    expect(rollout.progressing.slice(0, 2)).toEqual(["True", "NewReplicaSetAvailable"]);
  });

  test("a pause does not use the deadline up", () => {
    const fate = (_pod: unknown, number: number) => (number > 2 ? "unready" : "runs");
    const rollout = new Rollout(2, { progressDeadlineSeconds: 60 }, { fate });
    rollout.change("web:2", 30);
    rollout.world.patch(rollout.record, { spec: { paused: true } });
    rollout.world.run(100);
    expect(rollout.progressing).toEqual(["Unknown", "DeploymentPaused", "Deployment is paused"]);
    rollout.world.patch(rollout.record, { spec: { paused: false } });
    rollout.world.run(40);
    expect(rollout.progressing[1]).not.toBe("ProgressDeadlineExceeded");
    rollout.world.run(60);
    expect(rollout.progressing[1]).toBe("ProgressDeadlineExceeded");
  });

  test("a rollout that is complete leaves no timer that keeps the run going", () => {
    const rollout = new Rollout(2);
    rollout.change("web:2");
    const { nowUs } = rollout.world.kernel;
    rollout.world.kernel.run(nowUs + 3600 * SECOND);
    expect(rollout.world.kernel.nowUs).toBeLessThan(nowUs + 60 * SECOND);
  });
});

describe("revisions", () => {
  test("the same template again is a new revision of the old set, which keeps its history", () => {
    const rollout = new Rollout(1);
    rollout.change("web:2");
    expect(rollout.sets).toEqual(["1: web:1 x0", "2: web:2 x1"]);
    expect(rollout.object.metadata.annotations?.[REVISION]).toBe("2");
    rollout.change("web:1");
    expect(rollout.sets).toEqual(["2: web:2 x0", "3: web:1 x1"]);
    expect(rollout.object.metadata.annotations?.[REVISION]).toBe("3");
    const set = rollout.world.sets.find(({ spec }) => spec.replicas === 1);
    expect(set?.metadata.annotations?.["deployment.kubernetes.io/revision-history"]).toBe("1");
  });

  test("old sets beyond the limit go, the oldest first", () => {
    const rollout = new Rollout(1, { revisionHistoryLimit: 1 });
    for (const version of [2, 3, 4]) rollout.change(`web:${version}`);
    rollout.world.run(10);
    expect(rollout.sets).toEqual(["3: web:3 x0", "4: web:4 x1"]);
  });

  test.each<[string, string, string[], string]>([
    [
      "1",
      "to that revision",
      ["2: web:2 x0", "3: web:3 x0", "4: web:1 x1"],
      'Rolled back deployment "web" to revision 1',
    ],
    [
      "0",
      "to the last one",
      ["1: web:1 x0", "3: web:3 x0", "4: web:2 x1"],
      'Rolled back deployment "web" to revision 2',
    ],
    [
      "9",
      "nowhere",
      ["1: web:1 x0", "2: web:2 x0", "3: web:3 x1"],
      "Unable to find the revision to rollback to.",
    ],
    [
      "3",
      "to where it is",
      ["1: web:1 x0", "2: web:2 x0", "3: web:3 x1"],
      'The rollback revision contains the same template as current deployment "web"',
    ],
  ])("the annotation of old clients, %s, rolls back %s", (revision, _where, sets, message) => {
    const rollout = new Rollout(1, {}, { writesEvents: true });
    for (const version of [2, 3]) rollout.change(`web:${version}`);
    const annotations = { "deprecated.deployment.rollback.to": revision };
    rollout.world.patch(rollout.record, { metadata: { annotations } });
    rollout.world.run(30);
    expect(rollout.sets).toEqual(sets);
    expect(rollout.events).toContain(message);
    expect(rollout.object.metadata.annotations).not.toHaveProperty(
      "deprecated.deployment.rollback.to",
    );
  });
});

test("a paused Deployment is scaled in proportion, and rolled out when it is resumed", () => {
  const fate = (_pod: unknown, number: number) => (number > 10 ? "unready" : "runs");
  const strategy = {
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: 3, maxUnavailable: 2 },
  };
  const rollout = new Rollout(10, { strategy }, { fate });
  rollout.change("web:2");
  expect(rollout.sets).toEqual(["1: web:1 x8", "2: web:2 x5"]);
  rollout.world.patch(rollout.record, { spec: { paused: true, replicas: 15 } });
  rollout.world.run(10);
  // The example of the Kubernetes documentation, Proportional scaling.
  expect(rollout.sets).toEqual(["1: web:1 x11", "2: web:2 x7"]);
  const template3 = template("web", "web:3");
  rollout.world.patch(rollout.record, { spec: { template: template3 } });
  rollout.world.run(10);
  expect(rollout.sets).toEqual(["1: web:1 x11", "2: web:2 x7"]);
  rollout.world.patch(rollout.record, { spec: { paused: false } });
  rollout.world.run(10);
  expect(rollout.sets.some((each) => each.startsWith("3: web:3"))).toBe(true);
});

test("Recreate makes no new pod before the last old one is gone", () => {
  const rollout = new Rollout(2, { strategy: { type: "Recreate" } });
  const [pod] = rollout.world.pods;
  rollout.world.lostNodes.add(pod?.spec.nodeName ?? "");
  rollout.change("web:2");
  expect(rollout.sets).toEqual(["1: web:1 x0"]);
  rollout.world.removeNow(rollout.world.record("Pod", pod?.metadata.name ?? ""));
  rollout.world.lostNodes.clear();
  rollout.world.run(30);
  expect(rollout.sets).toEqual(["1: web:1 x0", "2: web:2 x2"]);
});

test("Events tell of every change of size", () => {
  const rollout = new Rollout(1, {}, { writesEvents: true });
  rollout.change("web:2");
  expect(rollout.events.sort()).toEqual([
    "Scaled down replica set web-x to 0 from 1",
    "Scaled up replica set web-x to 1",
    "Scaled up replica set web-x to 1",
  ]);
});
