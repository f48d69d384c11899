import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clientNames } from "../sim/options/index.ts";

/** Where a component makes its clientset: `clients.client("kubelet", ...)`, or by a constant. */
const MAKES = /(?:clients|context)\.client\("([^"]+)"|CLIENT_NAME = "([^"]+)"/g;

test("every clientset that a component makes can be given a limit", () => {
  const files = readdirSync("sim", { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  const made = files.flatMap((file) =>
    [...readFileSync(`sim/${file}`, "utf8").matchAll(MAKES)].map((found) => found[1] ?? found[2]),
  );
  expect(made.length).toBeGreaterThan(20);
  expect(made.filter((name) => !clientNames.includes(name ?? ""))).toEqual([]);
});
