import { describe, expect, test } from "vitest";
import { barProgress, lineProgress, quietProgress } from "./progress.ts";

function recorder(isInteractive: boolean) {
  const written: string[] = [];
  const terminal = {
    out: (text: string) => void written.push(`out:${text}`),
    err: (text: string) => void written.push(text),
    isInteractive,
    columns: 80,
  };
  return { terminal, written };
}

const first = { run: 1, runs: 2, label: "openb / default / seed 1", fraction: 1 };

describe("progress", () => {
  test("off a terminal there is a line per finished run, and none in between", () => {
    const { terminal, written } = recorder(false);
    const progress = lineProgress(terminal);
    progress.update({ ...first, fraction: 0.5 });
    progress.runDone(first, "12 events");
    progress.notice("namespace a was made");
    progress.stop();
    expect(written).toEqual([
      "run 1/2  openb / default / seed 1  12 events\n",
      "namespace a was made\n",
    ]);
  });

  test("--quiet keeps notices only", () => {
    const { terminal, written } = recorder(true);
    const progress = quietProgress(terminal);
    progress.runDone(first, "12 events");
    progress.notice("note");
    expect(written).toEqual(["note\n"]);
  });

  test("the bar gives way to lines, and stopping twice does no harm", async () => {
    const { terminal, written } = recorder(true);
    const progress = await barProgress(terminal);
    progress.update({ ...first, fraction: 0.5 });
    progress.runDone(first, "12 events");
    progress.stop();
    progress.stop();
    expect(written).toEqual(["run 1/2  openb / default / seed 1  12 events\n"]);
  });
});
