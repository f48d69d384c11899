/** `explain`: why a pod of a recorded run went where it did; what the cluster was like at a time. */
import { clusterAt, explainPod } from "../bench/explain/index.ts";
import { momentText, nodeMomentText, storyText } from "../reports/index.ts";
import { InputError, nearestName } from "../sim/kernel/index.ts";
import type { CommandSurroundings } from "./command.ts";
import type { ExplainFlags } from "./commands/explain.ts";
import { podName } from "./pod-name.ts";
import { repeatHooks } from "./repeat-hooks.ts";
import { runChoice } from "./run-choice.ts";
import { wholeFlag } from "./sweep-command.ts";
import { timeFlag } from "./time-flag.ts";
import { UsageError } from "./usage-error.ts";

const TOP = 5;

/** Repeats the run and prints what was asked. Throws InputError, UsageError or the signal's reason. */
export async function explainCommand(
  run: string,
  flags: ExplainFlags,
  surroundings: CommandSurroundings,
): Promise<void> {
  const { pod, at, format } = flags;
  if ((pod === undefined) === (at === undefined))
    throw new UsageError("explain wants one of --pod NAMESPACE/NAME and --at TIME");
  const tell = pod === undefined ? tellMoment : tellPod;
  const { data, text } = await tell(run, flags, surroundings);
  surroundings.terminal.out(format === "json" ? `${JSON.stringify(data, undefined, 2)}\n` : text);
}

interface Told {
  readonly data: object;
  readonly text: string;
}

async function tellPod(
  run: string,
  flags: ExplainFlags,
  surroundings: CommandSurroundings,
): Promise<Told> {
  if (flags.nodes === "all" && flags.top !== undefined)
    throw new UsageError("--top and --nodes all: got both, want one");
  const top = flags.nodes === "all" ? Number.MAX_SAFE_INTEGER : wholeFlag("--top", flags.top, TOP);
  const { story, run: label } = await explainPod(
    {
      ...runChoice(run, flags, surroundings.workingDirectory),
      ...podName(flags.pod ?? "", "--pod"),
      limits: { scores: top, examples: top, node: flags.node ?? "" },
    },
    repeatHooks(surroundings),
  );
  return { data: { run: label, ...story }, text: storyText(story, label) };
}

async function tellMoment(
  run: string,
  flags: ExplainFlags,
  surroundings: CommandSurroundings,
): Promise<Told> {
  const atUs = timeFlag("--at", flags.at) ?? 0;
  const { moment, run: label } = await clusterAt(
    { ...runChoice(run, flags, surroundings.workingDirectory), atUs },
    repeatHooks(surroundings),
  );
  if (flags.node === undefined)
    return { data: { run: label, ...moment }, text: momentText(moment, label) };
  const node = moment.nodes.find(({ name }) => name === flags.node);
  if (node === undefined) {
    const names = moment.nodes.map(({ name }) => name);
    const near = nearestName(flags.node, names);
    const hint =
      near === undefined ? `The first: ${names.slice(0, 5).join(", ")}.` : `Did you mean ${near}?`;
    throw new InputError(`--node: there is no node "${flags.node}" at that time. ${hint}`);
  }
  return { data: { run: label, ...node }, text: nodeMomentText(node, moment, label) };
}
