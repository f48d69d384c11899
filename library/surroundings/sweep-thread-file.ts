/** The module that a thread of a sweep runs: compiled, or as it is written. */
export const sweepThreadFile = (): URL =>
  new URL(
    import.meta.url.endsWith(".ts") ? "./sweep-thread-source.mjs" : "./sweep-thread.js",
    import.meta.url,
  );
