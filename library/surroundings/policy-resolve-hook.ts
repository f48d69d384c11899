/**
 * Module resolution for users' policy files (a hook of Node's `module.register`, run in the hooks
 * thread), wherever they lie:
 *
 *  - `import ... from "stowage"` means the running package: both share one copy of the library;
 *  - .ts and .js files outside node_modules are ES modules, whatever package.json is above them,
 *    so that a policy in a plain folder works. They are found here and not by tsx, which would
 *    wrap what it takes for CommonJS, and then look for "stowage" past this hook.
 */
import { statSync } from "node:fs";
import type { InitializeHook, ResolveHook } from "node:module";

let libraryUrl = "";

/** `data` is the URL of the running package's entry. */
export const initialize: InitializeHook<string> = (data) => {
  libraryUrl = data;
};

export const resolve: ResolveHook = (specifier, context, nextResolve) => {
  if (specifier === "stowage") return { url: libraryUrl, format: "module", shortCircuit: true };
  const url = ownSource(specifier, context.parentURL);
  return url === undefined
    ? nextResolve(specifier, context)
    : { url, format: "module", shortCircuit: true };
};

/** URL of the .ts or .js file that a relative (or file:) specifier means, if there is one. */
function ownSource(specifier: string, parentUrl: string | undefined): string | undefined {
  if (!/^(\.{0,2}\/|file:)/.test(specifier) || parentUrl?.includes("/node_modules/")) return;
  const url = URL.canParse(specifier, parentUrl) ? new URL(specifier, parentUrl).href : "";
  if (!url.startsWith("file:") || url.includes("/node_modules/")) return;
  // TypeScript's customs: `./a.js` may mean a.ts, and the ending may be missing.
  const candidates = [url, url.replace(/\.js$/, ".ts"), `${url}.ts`, `${url}.js`];
  return candidates.find((candidate) => /\.(ts|js)$/.test(candidate) && isFile(candidate));
}

const isFile = (url: string): boolean =>
  statSync(new URL(url), { throwIfNoEntry: false })?.isFile() === true;
