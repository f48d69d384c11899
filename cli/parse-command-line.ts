/** What the user typed, as a value: nothing is run here, and nothing is read. */
import yargs, { type Argv, type Options } from "yargs";
import { nearestName } from "../sim/kernel/index.ts";
import {
  type ConformanceFlags,
  conformanceOptions,
  type Flags,
  flagOptions,
  type TimelineFlags,
  timelineOptions,
} from "./flags.ts";
import { UsageError } from "./usage-error.ts";

/** What is to be done. */
export type CommandLine =
  /** `--help` or `--version`: print the text, done. */
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "run";
      readonly command: "run" | "compare";
      /** Path of the experiment file, or undefined: flags only. */
      readonly experiment: string | undefined;
      readonly flags: Flags;
    }
  | {
      readonly kind: "conformance";
      /** At least one. */
      readonly files: readonly string[];
      readonly flags: ConformanceFlags;
    }
  | {
      readonly kind: "timeline";
      /** An output folder of a run, or its run.json. */
      readonly run: string;
      readonly flags: TimelineFlags;
    };

interface Described {
  readonly name: string;
  readonly description: string;
}

/** What help and version texts tell. */
export interface HelpFacts {
  readonly version: string;
  /** Width to wrap at. */
  readonly columns: number;
  /** Built-in policies; asked for only when help is printed, since finding them out takes time. */
  policies(): Promise<readonly Described[]>;
  /** Built-in load balancers, likewise. */
  balancers(): Promise<readonly Described[]>;
}

const COMMANDS = ["run", "compare", "timeline", "conformance"] as const;

const INTRODUCTION = `Stowage simulates a Kubernetes cluster, event by event, to compare scheduling
policies. Same seed, same bytes.

Usage: stowage <command> [options]`;

const EPILOGUE = `stowage <command> --help tells more.
Exit codes: 0 done, 1 bad input or failed scenarios, 2 bad usage.
`;

/** Parses; throws UsageError with one line when the command line cannot be understood. */
export async function parseCommandLine(
  argv: readonly string[],
  surroundings: HelpFacts,
): Promise<CommandLine> {
  refuseUnknownCommand(argv[0]);
  let chosen: CommandLine | undefined;
  const isHelp = argv.includes("--help") || argv.includes("-h");
  const epilogue = isHelp ? await builtInsEpilogue(surroundings) : "";
  const shown = isHelp ? flagOptions : hidden(flagOptions);
  const choose =
    (command: "run" | "compare") => (parsed: Flags & { experiment?: string | undefined }) => {
      checkValues(parsed, flagOptions);
      chosen = { kind: "run", command, experiment: parsed.experiment, flags: parsed };
    };
  const chooseConformance = (parsed: ConformanceFlags & { files?: readonly string[] }) => {
    checkValues(parsed, conformanceOptions);
    chosen = { kind: "conformance", files: parsed.files ?? [], flags: parsed };
  };
  const chooseTimeline = (parsed: TimelineFlags & { run?: string | undefined }) => {
    checkValues(parsed, timelineOptions);
    chosen = { kind: "timeline", run: parsed.run ?? "", flags: parsed };
  };
  const parser = yargs()
    .scriptName("stowage")
    .usage(INTRODUCTION)
    .locale("en")
    .wrap(surroundings.columns)
    .version(surroundings.version)
    .parserConfiguration({
      "dot-notation": false,
      "camel-case-expansion": false,
      "parse-positional-numbers": false,
      "boolean-negation": true,
    })
    .command(
      "run [experiment]",
      "Simulate one policy, or everything that an experiment file names",
      (y: Argv) => describeRun(y, shown).epilogue(epilogue),
      choose("run"),
    )
    .command(
      "compare [experiment]",
      "Simulate several policies on the same workload and the same luck",
      (y: Argv) => describeCompare(y, shown).epilogue(epilogue),
      choose("compare"),
    )
    .command(
      "timeline <run>",
      "Tell what happened to a pod of a run between apply and ready, hop by hop",
      (y: Argv) => describeTimeline(y, isHelp ? timelineOptions : hidden(timelineOptions)),
      chooseTimeline,
    )
    .command(
      "conformance <files..>",
      "Check the scheduler against decisions recorded from kube-scheduler",
      (y: Argv) => describeConformance(y, isHelp ? conformanceOptions : hidden(conformanceOptions)),
      chooseConformance,
    )
    .example("stowage compare --trace openb --policy default --policy ./mine.ts --seeds 3", "")
    .example("stowage run --nodes nodes.yaml --manifests pods.yaml --out out", "")
    .epilogue(EPILOGUE)
    .demandCommand(1, "no command given")
    .strict()
    .help()
    .alias({ help: "h" })
    .exitProcess(false)
    .fail(false);
  let printed = "";
  try {
    await parser.parseAsync(joinDashes(argv), {}, (_error, _parsed, output) => {
      printed = output;
    });
  } catch (error) {
    if (error instanceof UsageError || isBug(error)) throw error;
    throw toUsageError(error instanceof Error ? error.message : String(error), argv);
  }
  if (printed !== "") return { kind: "text", text: `${printed}\n` };
  if (chosen === undefined) throw new UsageError("no command given");
  return chosen;
}

/** `--manifests -` as `--manifests=-`: to yargs a lone dash after a flag that takes a list is none. */
function joinDashes(argv: readonly string[]): string[] {
  const words: string[] = [];
  for (const word of argv) {
    if (word === "-" && words.at(-1) === "--manifests") words.splice(-1, 1, "--manifests=-");
    else words.push(word);
  }
  return words;
}

/** Before all else: without a known command yargs would call every flag unknown. */
function refuseUnknownCommand(word: string | undefined): void {
  if (word === undefined || word.startsWith("-")) return;
  if ((COMMANDS as readonly string[]).includes(word)) return;
  const near = nearestName(word, COMMANDS);
  const hint = near === undefined ? `, known: ${COMMANDS.join(", ")}` : `, did you mean ${near}?`;
  throw new UsageError(`unknown command ${word}${hint}`);
}

const EXPERIMENT = {
  type: "string",
  describe: "Experiment file (YAML); flags given beside it override it",
} as const;

const describeRun = (y: Argv, flags: FlagOptions) =>
  y
    .positional("experiment", EXPERIMENT)
    .options(flags)
    .example("stowage run --trace openb --policy most-allocated --seed 7", "")
    .example("stowage run --nodes nodes.yaml --manifests pods.yaml.gz", "")
    .example("stowage run experiment.yaml --horizon 2h --out results", "");

const COMPARED = { defaultDescription: "default, most-allocated, random" } as const;

const describeCompare = (y: Argv, flags: FlagOptions) =>
  y
    .positional("experiment", EXPERIMENT)
    .options({ ...flags, policy: { ...flags.policy, ...COMPARED } })
    .example("stowage compare --trace openb --policy default --policy random", "")
    .example("stowage compare --policy default --policy ./mine.ts --seeds 3", "")
    .example("stowage compare experiment.yaml", "");

const describeConformance = (y: Argv, flags: typeof conformanceOptions) =>
  y
    .positional("files", {
      type: "string",
      array: true,
      demandOption: true,
      describe: "Files of scenarios (.jsonl, .jsonl.gz), see docs/conformance.md",
    })
    .options(flags)
    .example("stowage conformance recordings/*.jsonl.gz", "")
    .example("stowage conformance mixed.jsonl.gz --scenario mixed-007 --evaluation full", "");

const describeTimeline = (y: Argv, flags: typeof timelineOptions) =>
  y
    .positional("run", {
      type: "string",
      demandOption: true,
      describe: "Output folder of a run (--out), or its run.json",
    })
    .options(flags)
    .example("stowage timeline out --pod shop/web-0", "")
    .example("stowage timeline out --deployment shop/web --format json", "");

/**
 * The flags as help does not list them. yargs renders the help of a command whenever it runs one,
 * and measures every word of it: a noticeable part of a small run.
 */
function hidden<T extends Readonly<Record<string, Options>>>(flags: T): T {
  const entries = Object.entries(flags).map(([name, flag]) => [name, { ...flag, hidden: true }]);
  return Object.fromEntries(entries) as T;
}

type FlagOptions = typeof flagOptions;

async function builtInsEpilogue(facts: HelpFacts): Promise<string> {
  const policies = described(await facts.policies());
  const balancers = described(await facts.balancers());
  return (
    `Built-in policies:\n${policies}\n\n` +
    "Built-in balancers (where none is named, modes iptables and nftables draw at\n" +
    `random, and ipvs goes by cluster.network.ipvsScheduler):\n${balancers}\n`
  );
}

const described = (all: readonly Described[]): string =>
  all.map(({ name, description }) => `  ${name}: ${description}`).join("\n");

/** yargs reports usage faults as plain Errors; what the engine throws is a bug of ours. */
const isBug = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/** yargs lets NaN pass, and makes a list of a flag that is given twice. */
function checkValues(parsed: object, options: Readonly<Record<string, Options>>): void {
  for (const [name, option] of Object.entries(options)) {
    const value: unknown = parsed[name as keyof typeof parsed];
    if (value === undefined) continue;
    if (Array.isArray(value) && option.array !== true) {
      throw new UsageError(`--${name} is given ${value.length} times; give it once`);
    }
    if (option.type === "number" && !Number.isFinite(value)) {
      throw new UsageError(`--${name} wants a number`);
    }
    if (value === "") throw new UsageError(`--${name} wants a value`);
  }
}

function optionsOf(command: string | undefined): Readonly<Record<string, Options>> {
  if (command === "conformance") return conformanceOptions;
  return command === "timeline" ? timelineOptions : flagOptions;
}

/** yargs' message in one line, with the name that was probably meant. */
function toUsageError(message: string, argv: readonly string[]): UsageError {
  const text = message.replace(/\s*\n\s*/g, " ").trim();
  if (text.startsWith("Not enough non-option arguments")) {
    return new UsageError(
      argv[0] === "timeline"
        ? "timeline wants the output folder of a run"
        : "conformance wants one file of scenarios or more",
    );
  }
  const lacking = /^Not enough arguments following: (.*)$/.exec(text);
  if (lacking !== null) return new UsageError(`--${lacking[1]} wants a value`);
  const choice = /^Invalid values: Argument: (.*), Given: (".*"), Choices: (.*)$/.exec(text);
  if (choice !== null) {
    return new UsageError(`--${choice[1]}: got ${choice[2]}, want one of ${choice[3]}`);
  }
  const unknown = /^Unknown (arguments?|commands?): (.*)$/.exec(text);
  if (unknown === null)
    return new UsageError(text.replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase()));
  const names = (unknown[2] ?? "").split(", ");
  const parts = names.map((name) => {
    const isFlag = argv.some(
      (word) => word.replace(/^-+/, "").split("=")[0] === name && word.startsWith("-"),
    );
    const flags = optionsOf(argv[0]);
    const known = isFlag ? [...Object.keys(flags), "help", "version"] : [...COMMANDS];
    const near = nearestName(name, known);
    const dash = isFlag ? (name.length === 1 ? "-" : "--") : "";
    const hint = near === undefined ? "" : `, did you mean ${dash}${near}?`;
    return `unknown ${isFlag ? "flag" : "argument"} ${dash}${name}${hint}`;
  });
  return new UsageError([...new Set(parts)].join("; "));
}
