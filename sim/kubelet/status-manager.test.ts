import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import type { KeyRecord, Node, Pod } from "../api/index.ts";
import { defaultClusterOptions } from "../options/index.ts";
import { Kubelets } from "./index.ts";

const SECOND = 1_000_000;
const latency = {
  ...defaultClusterOptions.latency,
  podSandbox: "1us",
  containerStart: "1us",
  containerStop: "3s",
};

/** A node with one pod that runs from second 0 on, in a control plane that has its faults. */
class Outage {
  readonly plane = new ControlPlane("1", { latency });
  readonly record: KeyRecord<Pod>;
  /** What the kubelet was told, from when on: `patch 0`, `delete 500`. */
  readonly answers: string[] = [];

  constructor(annotations: Record<string, string>, spec: object) {
    const { kernel, trace, clients, informers, etcd, client, done } = this.plane;
    const images = { ...defaultClusterOptions.kubelet, defaultImageBytes: 0 };
    const shared = { kernel, trace, clients, informers, latency, writesEvents: false };
    const kubelets = new Kubelets({ ...shared, images });
    const manifest = { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } };
    const { node, object } = kubelets.join(manifest);
    this.plane.store(object);
    kubelets.joined(node, etcd.find("Node", "n1") as KeyRecord<Node>);
    kubelets.start();
    const body = podManifest("a", { nodeName: "n1", ...spec });
    const pod = { ...body, metadata: { ...body.metadata, annotations } };
    this.record = client.create("Pod", pod, done, undefined) as KeyRecord<Pod>;
    trace.apiRequest.subscribe(({ client: name, verb, kind, code }) => {
      if (name === "kubelet" && kind === "Pod" && (verb === "patch" || verb === "delete"))
        this.answers.push(`${verb} ${code}`);
    });
  }

  at(seconds: number, action: () => void): this {
    const { kernel } = this.plane;
    kernel.at(seconds * SECOND, kernel.handler(`test/${seconds}`, action), undefined, undefined);
    return this;
  }

  run(seconds: number): this {
    this.at(seconds, () => {});
    this.plane.kernel.run(seconds * SECOND);
    return this;
  }

  get phase(): string | undefined {
    return this.record.stored?.status.phase;
  }
}

const once = { restartPolicy: "Never" };
const fiveSeconds = { "stowage.dev/duration": "5s" };

/** What makes requests of seconds 4 to 8 fail, and how. */
const faults: readonly (readonly [number, string, (outage: Outage) => Outage])[] = [
  [
    0,
    "a lost connection",
    (outage) =>
      outage
        .at(4, () => outage.plane.apiserver.stopServer(0))
        .at(8, () => outage.plane.apiserver.startServer(0)),
  ],
  [
    500,
    "an etcd without a leader",
    (outage) => outage.at(4, () => outage.plane.etcd.quorum.loseLeader(8 * SECOND)),
  ],
];

describe("a kubelet tells again what it could not tell", () => {
  test.each(faults)("a pod's end, after an answer of code %i: %s", (code, _, breakIt) => {
    const outage = breakIt(new Outage(fiveSeconds, once)).run(10);
    expect(outage.phase).toBe("Running");
    outage.run(40);
    expect(outage.phase).toBe("Succeeded");
    expect(outage.answers).toContain(`patch ${code}`);
    expect(outage.answers.at(-1)).toBe("patch 200");
  });

  test.each(faults)("that a deleted pod is gone, after code %i: %s", (code, _, breakIt) => {
    const outage = new Outage({}, { terminationGracePeriodSeconds: 30 });
    const { client, done } = outage.plane;
    outage.at(3, () => client.delete(outage.record, {}, done, undefined));
    breakIt(outage).run(40);
    expect(outage.answers.filter((answer) => answer.endsWith(` ${code}`))).not.toEqual([]);
    expect(outage.record.stored).toBeUndefined();
  });

  test("and nothing more once a later status went out", () => {
    const outage = new Outage(fiveSeconds, once);
    const [, , breakIt] = faults[0] as (typeof faults)[number];
    breakIt(outage).run(60);
    const tries = outage.answers.slice(outage.answers.indexOf("patch 0"));
    expect(tries).toEqual(["patch 0", "patch 200"]);
  });
});
