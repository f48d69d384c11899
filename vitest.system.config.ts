import { defineConfig } from "vitest/config";

/**
 * Tests against real programs of other people: a Redis server, a browser. They are apart from
 * `npm test`, since a user need not have those, and take minutes: `npm run test:system`.
 */
export default defineConfig({
  test: {
    include: ["test/system/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
