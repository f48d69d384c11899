/** A pod's story for people: first the answer, then each attempt. */
import type { Micros } from "../../sim/kernel/index.ts";
import { counted, secondsText } from "./amount-text.ts";
import { accountLines } from "./attempt-text.ts";
import type { Attempt, PodStory, QueueMove } from "./pod-story.ts";

export function storyText(story: PodStory, run: string): string {
  const { attempts, earlierAttempts, queuedSince } = story;
  const blocks = attempts.map((attempt, i) => {
    const isAfterGap = i === 1 && earlierAttempts > 0;
    const gap = isAfterGap ? `(${earlierAttempts} more attempts are left out here.)\n\n` : "";
    return gap + attemptText(attempt);
  });
  const last = queuedSince.length === 0 ? [] : [`Since then: ${queuedText(queuedSince)}.`];
  return `${[`${answer(story)}\nRun: ${run}`, ...blocks, ...last].join("\n\n")}\n`;
}

function answer(story: PodStory): string {
  const { namespace, name, node, boundUs, createdUs, attempts, earlierAttempts } = story;
  const pod = `Pod ${namespace}/${name}`;
  const count = attempts.length + earlierAttempts;
  const times = count === 1 ? "at its first attempt" : `at attempt ${count}`;
  const lines =
    node === ""
      ? [`${pod} was never bound to a node${whyNever(story, count)}`]
      : count === 0
        ? [`${pod} was created with the node ${node}: the scheduler was not asked.`]
        : [
            `${pod} went to node ${node} ${times}, ${secondsText((boundUs ?? 0) - createdUs)} ` +
              `after it was created at ${secondsText(createdUs)}${whyThere(attempts.at(-1))}.`,
          ];
  const { preemptedFor } = story;
  if (preemptedFor !== undefined) {
    const { pod: other, priority, timeUs, node: place } = preemptedFor;
    lines.push(
      `It was preempted at ${secondsText(timeUs)} to make room for ${other} ` +
        `(priority ${priority}, its own ${story.priority})${place === "" ? "" : ` on ${place}`}.`,
    );
  }
  const ends = endsOf(story);
  if (ends !== "") lines.push(ends);
  return lines.join("\n");
}

/** `: 2 of 3 nodes fit, and it scored best` */
function whyThere(last: Attempt | undefined): string {
  if (last === undefined || last.node === "") return "";
  if (last.isNominatedNodeOnly) return ": it had been nominated to it";
  if (last.scores.length === 0) return "";
  if (last.feasibleNodes === 1) return ": no other node fits";
  if (last.tie === undefined) return `: the best of ${last.feasibleNodes} that fit`;
  const how = last.tie.draw === undefined ? "the lowest name" : "drawn";
  return `: ${how} among the ${last.tie.count} best of ${last.feasibleNodes} that fit`;
}

function whyNever({ attempts, phase, queuedSince }: PodStory, count: number): string {
  if (count === 0) {
    const queue = queuedSince.at(-1)?.queue;
    if (queue === "gated") return ": its scheduling gates are not lifted.";
    return queue === undefined
      ? `: the scheduler never saw it (phase ${phase}).`
      : `: it was not tried (it is in the ${queue} queue).`;
  }
  const nearest = attempts.at(-1)?.remedies?.nearest;
  const needs =
    nearest === undefined ? "" : ` It lacks least on ${nearest.node}: ${needsText(nearest.needs)}.`;
  return `: ${counted(count, "attempt")}.${needs}`;
}

const needsText = (needs: readonly string[]): string => needs.join(", and ");

function endsOf(story: PodStory): string {
  const ends: readonly (readonly [string, Micros | undefined])[] = [
    ["its containers started", story.startedUs],
    ["they ended", story.finishedUs],
    ["it was deleted", story.deletedUs],
  ];
  const known = ends.flatMap(([what, us]) =>
    us === undefined ? [] : `${what} at ${secondsText(us)}`,
  );
  const text = known.join(", ");
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** One attempt with how it was queued and what became of it. */
export function attemptText(attempt: Attempt): string {
  const { queued, binding, result, endUs, node } = attempt;
  const lines = accountLines(attempt);
  if (queued.length > 0) lines.splice(1, 0, `  Queued: ${queuedText(queued)}.`);
  if (node !== "" && result !== "scheduled" && endUs !== undefined)
    lines.push(`  It was refused there at ${secondsText(endUs)}: ${attempt.message}`);
  if (binding !== undefined)
    lines.push(
      `  The binding ${binding.ok ? "was answered" : "failed"} at ${secondsText(binding.timeUs)}.`,
    );
  return lines.join("\n");
}

/** `unschedulable at 3.002 s (ScheduleAttemptFailure), active at 9.100 s (NodeAdd)` */
const queuedText = (moves: readonly QueueMove[]): string =>
  moves
    .map(({ timeUs, queue, event }) => `${queue} at ${secondsText(timeUs)} (${event})`)
    .join(", ");
