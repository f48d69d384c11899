import { describe, expect, test } from "vitest";
import { amountText, counted, listed, secondsText } from "./amount-text.ts";

describe("an amount of a resource", () => {
  test.each([
    ["cpu", 500, "500m cpu"],
    ["cpu", 7000, "7 cpu"],
    ["cpu", 1250, "1250m cpu"],
    ["cpu", -1000, "-1 cpu"],
    ["memory", 1_610_612_736, "1.5Gi memory"],
    ["memory", 104_857_600, "100Mi memory"],
    ["memory", 1_099_511_627_776, "1Ti memory"],
    ["memory", 1000, "1000 memory"],
    ["ephemeral-storage", 2048, "2Ki ephemeral-storage"],
    ["nvidia.com/gpu", 8, "8 nvidia.com/gpu"],
    ["pods", 1, "1 pods"],
  ])("%s %d", (resource, amount, text) => {
    expect(amountText(resource, amount)).toBe(text);
  });

  test("times have milliseconds, lists say that they go on, nouns agree", () => {
    expect(secondsText(12_003_400)).toBe("12.003 s");
    expect(listed(["n1", "n2"], 3)).toBe("n1, n2, ...");
    expect([counted(1, "node"), counted(0, "node")]).toEqual(["1 node", "0 nodes"]);
  });
});
