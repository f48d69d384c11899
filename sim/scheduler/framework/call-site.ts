/**
 * CallSite: which plugin is being asked what, noted by plain stores before each call, so that the
 * loops over nodes need no try. Whoever runs a loop catches once, outside, and asks `explain`.
 */
import { InputError } from "../../kernel/index.ts";
import type { AnyPlugin } from "./interface.ts";
import { policyTitle } from "./plugin-origin.ts";

export class CallSite {
  plugin: AnyPlugin | undefined = undefined;
  point = "";
  podKey = "";
  /** The node that is asked about; a plain store, where a name would have to be read first. */
  node: { readonly name: string } | undefined = undefined;
  /** The same where only the name is at hand. */
  nodeName = "";

  /** Notes a call that concerns no single node. */
  enter(plugin: AnyPlugin, point: string, podKey: string): void {
    this.plugin = plugin;
    this.point = point;
    this.podKey = podKey;
    this.nodeName = "";
    this.node = undefined;
  }

  leave(): void {
    this.plugin = undefined;
  }

  /** What to throw for an error that a plugin threw: an InputError that says where. */
  explain(error: unknown): unknown {
    const { plugin } = this;
    if (plugin === undefined || error instanceof InputError) return error;
    this.leave();
    return new InputError(
      `${policyTitle(plugin)} failed in ${this.point} for ${this.#subject()}: ` +
        `${describeError(error)}. Fix the policy.`,
    );
  }

  /** The message for a wrong answer of the plugin that is being asked: who, where, and `words`. */
  complain(words: string): InputError {
    const title = this.plugin === undefined ? "policy" : policyTitle(this.plugin);
    return new InputError(`${title}: its ${this.point} for ${this.#subject()} ${words}`);
  }

  #subject(): string {
    const nodeName = this.node?.name ?? this.nodeName;
    return `pod "${this.podKey}"${nodeName === "" ? "" : `, node "${nodeName}"`}`;
  }
}

/** The message, and the first line of the stack that lies in no part of the framework. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s*at /.test(line));
  const frame = frames.find((line) => !/scheduler[/\\]framework[/\\](?!.*\.test\.)/.test(line));
  return `${error.name}: ${error.message}${frame === undefined ? "" : ` (${frame.trim()})`}`;
}
