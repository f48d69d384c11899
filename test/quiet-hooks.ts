/** Hooks of runs for tests: without policy files and balancers, told to nobody, never stopped. */
export const quietHooks = {
  version: "1.2.3",
  loadPolicy: () => Promise.reject(new Error("no policy files here")),
  loadBalancer: () => Promise.reject(new Error("no balancers here")),
  notice: () => {},
  breathe: async () => {},
  signal: new AbortController().signal,
};
