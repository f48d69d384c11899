/**
 * House rules that no tool knows. Each check is a pure function of the repository; it tells what
 * it looked at, since a check that looked at nothing has failed.
 */
import { isForeign, type Repository, type RepositoryFile } from "./repository.ts";

export interface TidyResult {
  /** How many files (or folders, or names) the check looked at. */
  readonly looked: number;
  /** `path:line what was found; what to do`. */
  readonly findings: readonly string[];
}

export type TidyCheck = (repository: Repository) => TidyResult;

const TOP_ROOMS = ["cli", "library", "bench", "reports", "workloads", "policies", "sim"];
const README_LINES_MAX = 40;

const isTest = (path: string): boolean => path.endsWith(".test.ts");
const isSource = (path: string): boolean =>
  path.endsWith(".ts") && !isTest(path) && TOP_ROOMS.includes(path.split("/")[0] ?? "");
const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length;

/** The folders that are rooms: those at top level, and those of sim/. */
function roomsOf(repository: Repository): string[] {
  const rooms = new Set<string>();
  for (const { path } of repository) {
    if (!isSource(path)) continue;
    const parts = path.split("/");
    rooms.add(parts[0] ?? "");
    if (parts[0] === "sim" && parts.length > 2) rooms.add(`sim/${parts[1]}`);
  }
  return [...rooms].sort();
}

/** A room says in a README of at most 40 lines what its one job is, and has one entrance. */
export const roomsAreIntroduced: TidyCheck = (repository) => {
  const findings: string[] = [];
  const byPath = new Map(repository.map((file) => [file.path, file]));
  const rooms = roomsOf(repository);
  for (const room of rooms) {
    const readme = byPath.get(`${room}/README.md`);
    const lines = readme?.text.trimEnd().split("\n").length ?? 0;
    if (readme === undefined) {
      findings.push(
        `${room}/ has no README.md; say its job, what comes in and goes out, and what it imports`,
      );
    } else if (lines > README_LINES_MAX) {
      findings.push(
        `${room}/README.md has ${lines} lines; keep it within ${README_LINES_MAX}, move the rest to docs/`,
      );
    }
    if (room !== "cli" && !byPath.has(`${room}/index.ts`)) {
      findings.push(`${room}/ has no index.ts; export there what others may use`);
    }
  }
  return { looked: rooms.length, findings };
};

interface BannedText {
  readonly pattern: RegExp;
  readonly remedy: string;
}

const BANNED_TEXTS: readonly BannedText[] = [
  { pattern: /\b(TODO|FIXME|XXX|HACK|TBD)\b/g, remedy: "do it, or write it down as a limit" },
  {
    pattern: /(?<![\w.~-])\/(?:work|root|Users|home)\/[\w.-]+/g,
    remedy: "a path of one machine; use a relative one",
  },
  {
    pattern: /\b(?:as an AI|language model|chat ?gpt|claude)\b/gi,
    remedy: "say what the code does, not who wrote it",
  },
];

/** No unfinished business, and no path that exists on one machine only. */
export const textsAreClean: TidyCheck = (repository) => {
  const files = repository.filter((file) => !file.path.startsWith("tools/tidy/"));
  const findings: string[] = [];
  for (const file of files) {
    for (const { pattern, remedy } of BANNED_TEXTS) {
      for (const match of file.text.matchAll(pattern)) {
        findings.push(`${file.path}:${lineOf(file.text, match.index)} "${match[0]}"; ${remedy}`);
      }
    }
  }
  return { looked: files.length, findings };
};

const NAMELESS = /(^|\/)(utils?|helpers?|common|types|misc|shared)(\.test)?\.ts$/;

/** A file is called after the thing that it holds. */
export const filesHaveNames: TidyCheck = (repository) => {
  const sources = repository.filter((file) => file.path.endsWith(".ts"));
  const findings = sources
    .filter((file) => NAMELESS.test(file.path))
    .map((file) => `${file.path} is not named after what it holds; split it by idea`);
  return { looked: sources.length, findings };
};

/** Every plugin has its row in the table of policies/README.md or of its folder's README.md. */
export const pluginsAreListed: TidyCheck = (repository) => {
  const readmes = new Map(
    repository
      .filter((file) => file.path.endsWith("README.md"))
      .map((file) => [file.path, file.text]),
  );
  const plugins = repository.filter(
    ({ path, text }) =>
      path.startsWith("policies/") &&
      !path.startsWith("policies/profiles/") &&
      isSource(path) &&
      /\bdefinePlugin\b[<(]/.test(text),
  );
  const findings: string[] = [];
  for (const { path } of plugins) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const name = path.slice(path.lastIndexOf("/") + 1);
    const rows = `${readmes.get("policies/README.md") ?? ""}\n${readmes.get(`${folder}/README.md`) ?? ""}`;
    if (!rows.split("\n").some((row) => row.startsWith("|") && row.includes(name))) {
      findings.push(`${path} is in no table; add a row with \`${name}\` to policies/README.md`);
    }
  }
  return { looked: plugins.length, findings };
};

/** Every folder of examples/ is run by a test: one that names it, or one that lists the folder. */
export const examplesAreRun: TidyCheck = (repository) => {
  const folders = new Set<string>();
  for (const { path } of repository) {
    const parts = path.split("/");
    if (parts[0] === "examples" && parts.length > 2) folders.add(parts[1] ?? "");
  }
  const tests = repository.filter((file) => isTest(file.path) && !file.path.startsWith("tools/"));
  const runsAll = tests.some(({ text }) => /\breaddirSync\(examples\b/.test(text));
  const findings = [...folders]
    .sort()
    .filter((name) => !runsAll && !tests.some(({ text }) => text.includes(`examples/${name}`)))
    .map((name) => `examples/${name} is run by no test; run it in test/examples.test.ts`);
  return { looked: folders.size, findings };
};

const STREAM = /\b(?:createStream|new Draws)\(\s*[^,()]+,\s*(["'`])([^"'`]+)\1/g;

/** The purpose of a stream of random numbers is part of every result: two uses would share luck. */
export const streamsAreUnique: TidyCheck = (repository) => {
  const owners = new Map<string, string>();
  const findings: string[] = [];
  let looked = 0;
  for (const file of repository) {
    if (!isSource(file.path)) continue;
    for (const match of file.text.matchAll(STREAM)) {
      looked++;
      const place = `${file.path}:${lineOf(file.text, match.index)}`;
      const purpose = match[2] ?? "";
      const owner = owners.get(purpose);
      if (owner === undefined) owners.set(purpose, place);
      else
        findings.push(
          `${place} stream "${purpose}" is already drawn from in ${owner}; name its own purpose`,
        );
    }
  }
  return { looked, findings };
};

const LINK = /\]\(([^)\s#]+)(?:#[^)]*)?\)/g;

/** A page has one title, and its relative links lead somewhere. */
export const pagesAreWhole: TidyCheck = (repository) => {
  const paths = new Set(repository.map((file) => file.path));
  const pages = repository.filter((file) => file.path.endsWith(".md"));
  const findings: string[] = [];
  for (const page of pages) {
    const prose = page.text.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, " "));
    const titles = prose.match(/^# .+$/gm)?.length ?? 0;
    if (titles !== 1) findings.push(`${page.path} has ${titles} titles (# ...); give it one`);
    for (const match of prose.matchAll(LINK)) {
      const target = match[1] ?? "";
      if (/^[a-z]+:/.test(target) || leadsSomewhere(page, target, paths)) continue;
      findings.push(`${page.path}:${lineOf(prose, match.index)} link to ${target} leads nowhere`);
    }
  }
  return { looked: pages.length, findings };
};

function leadsSomewhere(page: RepositoryFile, target: string, paths: ReadonlySet<string>): boolean {
  const parts = page.path.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  const path = parts.join("/");
  if (path === "" || paths.has(path) || isForeign(path)) return true;
  for (const known of paths) if (known.startsWith(`${path}/`)) return true;
  return !/\.(ts|mjs|md|ya?ml|json)$/.test(path); // data files are not read here
}

/** By name, in the order in which they are reported. */
export const tidyChecks: Readonly<Record<string, TidyCheck>> = {
  roomsAreIntroduced,
  textsAreClean,
  filesHaveNames,
  pluginsAreListed,
  examplesAreRun,
  streamsAreUnique,
  pagesAreWhole,
};

/** Runs all checks; one that looked at nothing adds a finding of its own. */
export function runTidyChecks(repository: Repository): { files: number; findings: string[] } {
  const findings: string[] = [];
  for (const [name, check] of Object.entries(tidyChecks)) {
    const result = check(repository);
    if (result.looked === 0) findings.push(`${name}: looked at nothing, so it proves nothing`);
    for (const finding of result.findings) findings.push(`${name}: ${finding}`);
  }
  return { files: repository.length, findings };
}
