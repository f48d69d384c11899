import { defineConfig } from "vitest/config";

/** Tests stand beside the file that they test; those that cross rooms stand in test/. */
export default defineConfig({
  test: {
    include: [
      "{cli,library,bench,reports,workloads,policies,sim,test,examples,tools}/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "dist/**", "out/**", "test/system/**", "test/package/**"],
    passWithNoTests: false,
    testTimeout: 30_000,
    coverage: {
      provider: "v8",
      include: ["{cli,library,bench,reports,workloads,policies,sim}/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*-suite.ts"],
    },
  },
});
