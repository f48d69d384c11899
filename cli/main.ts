#!/usr/bin/env node
/** The `stowage` command: hands the process's words, streams and signals to runCli. */
import { Interruption, type InterruptionSignal, interruptions } from "./interruption.ts";
import { runCli } from "./run-cli.ts";
import { processTerminal } from "./terminal.ts";

const interruption = new AbortController();
for (const signal of Object.keys(interruptions) as InterruptionSignal[])
  process.once(signal, () => {
    interruption.abort(new Interruption(signal));
    // The same signal again ends the process at once: the default action is back.
  });

process.exitCode = await runCli(process.argv.slice(2), {
  terminal: processTerminal(),
  signal: interruption.signal,
  debug: process.env["STOWAGE_DEBUG"] === "1",
});
// What is still being read (the standard input) would keep the process waiting.
if (interruption.signal.aborted) process.exit();
