import { defineConfig } from "vitest/config";

/**
 * The packed tarball in an empty project: what a user of the package gets. Apart from `npm test`, since it
 * wants npm's registry: `npm run test:package`.
 */
export default defineConfig({
  test: { include: ["test/package/**/*.test.ts"], testTimeout: 240_000, hookTimeout: 240_000 },
});
