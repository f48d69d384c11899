import { describe, expect, test } from "vitest";
import type { ApiObject } from "../api/index.ts";
import { Kernel } from "../kernel/index.ts";
import { ObjectSizes, Space } from "./space.ts";

const MINUTE = 60_000_000;
const object = { note: "x".repeat(989) } as unknown as ApiObject; // 1,000 bytes of JSON

function newSpace(quotaBackendBytes: number, compactionIntervalSeconds = 300) {
  const kernel = new Kernel("1");
  const space = new Space(kernel, { quotaBackendBytes, compactionIntervalSeconds });
  const sizes = new ObjectSizes();
  let revision = 1;
  return {
    space,
    write(type: "ADDED" | "MODIFIED" | "DELETED", atUs: number): void {
      kernel.nowUs = atUs;
      space.note(type, sizes, object, revision++);
    },
    compactedAt(us: number): number {
      kernel.nowUs = us;
      return space.compactedRevision(revision);
    },
  };
}

describe("etcd's database", () => {
  test("fills with old versions until the quota raises the alarm", () => {
    const { space, write } = newSpace(10_000);
    write("ADDED", 0);
    for (let i = 0; i < 9; i++) write("MODIFIED", 1);
    expect(space.hasAlarm).toBe(false);
    write("MODIFIED", 2);
    expect(space.hasAlarm).toBe(true);
  });

  test("keeps what is five minutes old through one compaction, and frees it at the next", () => {
    const { space, write } = newSpace(10_000);
    write("ADDED", 0);
    for (let i = 0; i < 8; i++) write("MODIFIED", 4 * MINUTE);
    write("MODIFIED", 6 * MINUTE); // the versions of minute 4 are still there
    expect(space.state.fileBytes).toBe(10_000);
    for (let i = 0; i < 8; i++) write("MODIFIED", 11 * MINUTE); // they are gone now
    expect(space.hasAlarm).toBe(false);
  });

  test("is full until it is defragmented, though its space is free again", () => {
    const { space, write } = newSpace(10_000);
    write("ADDED", 0);
    for (let i = 0; i < 10; i++) write("MODIFIED", 1);
    write("MODIFIED", 60 * MINUTE);
    expect(space.hasAlarm).toBe(true);
    space.defragment();
    expect(space.hasAlarm).toBe(false);
  });

  test("without a quota is not measured", () => {
    const { space, write } = newSpace(0);
    write("ADDED", 0);
    expect(space.state).toMatchObject({ fileBytes: 0, hasAlarm: false });
  });

  test("compacts at minutes 5, 10, ... what was old five minutes before", () => {
    const { write, compactedAt } = newSpace(1_000_000);
    write("ADDED", 0); // revision 2
    write("MODIFIED", 4 * MINUTE); // 3
    write("MODIFIED", 7 * MINUTE); // 4
    expect(compactedAt(9 * MINUTE)).toBe(0);
    expect(compactedAt(10 * MINUTE)).toBe(3);
    expect(compactedAt(16 * MINUTE)).toBe(4);
  });
});
