import { describe, expect, test } from "vitest";
import { readCsv } from "../csv-file.ts";
import { holdTasks, readNodes, scanTimes, streamTasks } from "./openb-lists.ts";
import { taskColumns } from "./openb-rows.ts";

const header =
  "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time";
const good = "openb-pod-0001,6000,12288,1,460,,LS,Running,427061,12902960,427061";

const text = (name: string, ...lines: string[]) => ({
  name,
  async *chunks() {
    yield lines.map((line) => `${line}\n`).join("");
  },
});

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe("an openb task row", () => {
  test("becomes a task with its line", async () => {
    const row = "openb-pod-0007,4000,15258,1,1000,V100M32|V100M16|V100M32,BE,Failed,10,20.0,";
    expect(await holdTasks(text("pods.csv", header, "", row))).toEqual([
      {
        name: "openb-pod-0007",
        cpuMilli: 4000,
        memoryMib: 15258,
        gpuCount: 1,
        gpuMilli: 1000,
        gpuModels: ["V100M16", "V100M32"],
        qos: "BE",
        creationS: 10,
        deletionS: 20,
        scheduledS: Number.NaN,
        line: 3,
        source: "pods.csv:3",
      },
    ]);
  });

  test("needs only the five columns that every list of the format has", async () => {
    const file = text("multi.csv", "name,cpu_milli,memory_mib,num_gpu,gpu_milli", "a,1,0,8,1000");
    const [task] = await holdTasks(file);
    expect(task).toMatchObject({
      gpuCount: 8,
      gpuMilli: 1000,
      memoryMib: 0,
      gpuModels: [],
      qos: "",
    });
    expect(task?.creationS).toBeNaN();
  });

  test.each([
    [
      "negative CPU",
      "p,-5,1,0,0,,,,,,",
      'cpu_milli: got "-5", want a whole number of milli-CPU, 0 or more',
    ],
    [
      "no CPU",
      "p,,1,0,0,,,,,,",
      "cpu_milli: got nothing, want a whole number of milli-CPU, 0 or more",
    ],
    [
      "a fraction of a MiB",
      "p,1,1.5,0,0,,,,,,",
      'memory_mib: got "1.5", want a whole number of MiB, 0 or more',
    ],
    [
      "text for a number",
      "p,1,1,one,0,,,,,,",
      'num_gpu: got "one", want a whole number of GPUs, 0 or more',
    ],
    [
      "beyond exact numbers",
      "p,1,9007199254740993,0,0,,,,,,",
      'memory_mib: got "9007199254740993", want a whole',
    ],
    [
      "more than a GPU per GPU",
      "p,1,1,1,1001,,,,,,",
      'gpu_milli: got "1001", want at most 1000: it counts per GPU',
    ],
    ["a share of no GPU", "p,1,1,0,500,,,,,,", 'gpu_milli: got "500", want 0, since num_gpu is 0'],
    [
      "a GPU without a share",
      "p,1,1,1,0,,,,,,",
      'gpu_milli: got "0", want 1 to 1000, since num_gpu is 1',
    ],
    [
      "two shared GPUs",
      "p,1,1,2,500,,,,,,",
      'gpu_milli: got "500", want 1000, since num_gpu is 2: only one GPU can be shared',
    ],
    [
      "a model that is no label value",
      "p,1,1,1,500,V100|?,,,,,",
      'gpu_spec: got "V100|?", want GPU models joined with |',
    ],
    [
      "an unknown class",
      "p,1,1,0,0,,Gold,,,,",
      'qos: got "Gold", want one of LS, BE, Burstable, Guaranteed, or nothing',
    ],
    [
      "no name",
      ",1,1,0,0,,,,,,",
      "name: got nothing, want a name of at most 240 lower-case letters",
    ],
    [
      "a name with capitals",
      "Pod,1,1,0,0,,,,,,",
      'name: got "Pod", want a name of at most 240 lower-case letters',
    ],
    [
      "a negative time",
      "p,1,1,0,0,,,,-1,5,",
      'creation_time: got "-1", want a number of seconds, 0 to 1e9',
    ],
    [
      "deleted before created",
      "p,1,1,0,0,,,,10,5,",
      'deletion_time: got "5", want a time not before creation_time 10',
    ],
    [
      "scheduled before created",
      "p,1,1,0,0,,,,10,50,5",
      'scheduled_time: got "5", want a time not before creation_time 10',
    ],
    [
      "scheduled after deleted",
      "p,1,1,0,0,,,,10,50,60",
      'scheduled_time: got "60", want a time not after deletion_time 50',
    ],
    ["too few fields", "p,1,1,0,0", "got 5 fields, want 11 as in the header"],
  ])("is refused with %s", async (_case, row, fault) => {
    const message = await messageOf(holdTasks(text("pods.csv", header, good, row)));
    expect(message).toContain(`InputError: pods.csv:3: ${fault}`);
    expect(message).toMatch(/\. Fix the row or take it out\.$/);
    expect(message.split("\n")).toHaveLength(1);
  });

  test("and others are refused in one message, up to 20", async () => {
    const bad = Array.from({ length: 25 }, (_, i) => `p${i},-1,1,0,0,,,,,,`);
    const lines = (await messageOf(holdTasks(text("pods.csv", header, ...bad)))).split("\n");
    expect(lines).toHaveLength(22);
    expect(lines[19]).toContain("pods.csv:21: cpu_milli");
    expect(lines[20]).toBe("... and 5 more (the first 20 are listed)");
  });

  test("is refused when its name occurs again, naming both lines", async () => {
    expect(await messageOf(holdTasks(text("pods.csv", header, good, good)))).toBe(
      'InputError: pods.csv:3: got the name "openb-pod-0001" again, want each only once (pods.csv:2 has it). Rename the row or take it out.',
    );
  });

  test("needs its times for a replay at the trace's own times", async () => {
    const message = await messageOf(scanTimes(text("pods.csv", header, "p,1,1,0,0,,,,,9,")));
    expect(message).toContain("pods.csv:2: creation_time: got nothing, want seconds");
  });
});

describe("an openb list", () => {
  test.each([
    [
      "a missing column",
      [header.replace("gpu_milli", "gpu_mili"), good],
      'pods.csv:1: the header has no column "gpu_milli". Is "gpu_mili" it? Rename it.',
    ],
    [
      "a column twice",
      [`${header},qos`],
      'pods.csv:1: column "qos" occurs twice. Rename or remove one.',
    ],
    ["no header", [], "pods.csv: is empty, want a header line. Check that it is the right file."],
    ["an open quote", [header, '"p,1,1'], "pods.csv:2: Quote Not Closed"],
  ])("is refused with %s", async (_case, lines, fault) => {
    expect(await messageOf(holdTasks(text("pods.csv", ...lines)))).toContain(
      `InputError: ${fault}`,
    );
  });

  test("is known to be sorted by creation time or not", async () => {
    const row = (name: string, time: number): string => `${name},1,1,0,0,,,,${time},900,`;
    const scan = (...times: number[]) =>
      scanTimes(text("pods.csv", header, ...times.map((time, i) => row(`p${i}`, time))));
    expect(await scan(1, 5, 5, 7)).toEqual({ count: 4, isSorted: true });
    expect(await scan(1, 5, 4)).toEqual({ count: 3, isSorted: false });
  });

  test("is read no further than its consumer has come", async () => {
    const state = { chunks: 0, closed: false };
    const file = {
      name: "endless.csv",
      async *chunks() {
        try {
          yield `${header}\n`;
          for (let i = 0; ; i++) {
            state.chunks++;
            yield `${Array.from({ length: 100 }, (_, j) => `p-${i}-${j},1,1,0,0,,,,,,`).join("\n")}\n`;
          }
        } finally {
          state.closed = true;
        }
      },
    };
    let tasks = 0;
    for await (const task of streamTasks(file)) {
      expect(task.gpuCount).toBe(0);
      if (++tasks === 20_000) break;
    }
    // 200 chunks of 100 tasks were needed; the rest is what Node's streams read ahead.
    expect(state.chunks).toBeLessThan(240);
    await new Promise(setImmediate); // streams are torn down just after
    expect(state.closed).toBe(true);
  });

  test("of nodes refuses GPUs without a model", async () => {
    const file = text("nodes.csv", "sn,cpu_milli,memory_mib,gpu,model", "n0,1,1,0,", "n1,1,1,2,");
    expect(await messageOf(readNodes(file))).toContain(
      "InputError: nodes.csv:3: model: got nothing, want the model of the node's GPUs",
    );
  });

  test("may have further columns, which are left alone", async () => {
    const rows: string[] = [];
    for await (const row of readCsv(
      text("x.csv", `${taskColumns.join()},note`, "p,1,2,0,0,hi"),
      taskColumns,
    ))
      rows.push(`${row.place} ${row.cell("memory_mib")} ${row.cell("note")} [${row.cell("qos")}]`);
    expect(rows).toEqual(["x.csv:2 2 hi []"]);
  });
});
