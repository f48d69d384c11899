/** Parses arrival processes: see arrival-process.ts for their forms. */
import { InputError, nearestName, parseTimeDistribution } from "../../kernel/index.ts";
import type { ArrivalProcess } from "./arrival-process.ts";
import { counts } from "./counts-process.ts";
import { mmpp } from "./mmpp-process.ts";
import { ProcessForm } from "./process-form.ts";
import { diurnal, flash, poisson } from "./rate-processes.ts";

type Family = (form: ProcessForm) => ArrivalProcess;

const families: ReadonlyMap<string, Family> = new Map<string, Family>([
  ["poisson", poisson],
  ["mmpp", mmpp],
  ["diurnal", diurnal],
  ["flash", flash],
  ["counts", counts],
]);

/** Parses a process, or a distribution of gaps. `where` begins messages. Throws InputError. */
export function parseArrivalProcess(text: string, where: string): ArrivalProcess {
  const name = /^\s*([a-zA-Z]\w*)\s*\(/.exec(text)?.[1]?.toLowerCase() ?? "";
  const family = families.get(name);
  if (family !== undefined) return family(new ProcessForm(text, where));
  const names = [...families.keys()];
  const near = name === "" ? undefined : nearestName(name, names);
  try {
    return renewal(text, where);
  } catch (error) {
    if (near === undefined || !(error instanceof InputError) || error.message.includes("Did you"))
      throw error;
    throw new InputError(
      `${where}: got "${text}", want a distribution of gaps such as exponential(mean=10ms), or ` +
        `one of ${names.join(", ")}. Did you mean ${near}?`,
    );
  }
}

/** Independent gaps from a distribution; each is rounded to whole us. */
function renewal(text: string, where: string): ArrivalProcess {
  const gap = parseTimeDistribution(text, where);
  return {
    isFinite: false,
    isStandstill: gap.constantUs === 0,
    nextUs: (state, { gaps }, hash, number) => {
      state.lastUs += gap.sampleUs(gaps.source(hash, number));
      return state.lastUs;
    },
  };
}
