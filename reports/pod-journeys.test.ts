import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makePod } from "../test/builders.ts";
import { FactScript } from "../test/fact-script.ts";
import type { PodJourney } from "./pod-journey.ts";
import { PodJourneys } from "./pod-journeys.ts";
import { NEVER } from "./row.ts";

/** The journeys of what is told, in the order in which they were closed. */
function journeysOf(tell: (script: FactScript) => void): PodJourney[] {
  const closed: PodJourney[] = [];
  const script = new FactScript();
  const journeys = new PodJourneys();
  journeys.attach(script.trace);
  journeys.observe({ closed: (journey) => closed.push(journey) });
  tell(script);
  journeys.finish();
  return closed;
}

const pod = makePod("p").build();
/** Created at 0, bound to n1 at 10. */
const bound = (script: FactScript): FactScript => script.created(pod, 0).bound("p", "n1", 10);

describe("PodJourneys", () => {
  test("what a node prepares after the start, for a container that restarts, counts no more", () => {
    const [journey] = journeysOf((script) =>
      bound(script)
        .pulled("p", "n1", [20, 20, 50])
        .started("p", "n1", 60)
        .pulled("p", "n1", [100, 110, 900])
        .initialized("p", "n1", 900, 950),
    );
    expect(journey).toMatchObject({
      ...{ preparedUs: 30, startedUs: 60 },
      ...{ pullQueuedUs: 20, pullStartedUs: 20, pullFinishedUs: 50 },
    });
  });

  test("a pod whose machine died and booted has not finished, and started once", () => {
    const [journey] = journeysOf((script) =>
      bound(script)
        .started("p", "n1", 60)
        .finished("p", 70, "Failed", "NodeLost")
        .pulled("p", "n1", [80, 80, 90])
        .started("p", "n1", 95),
    );
    expect(journey).toMatchObject({ startedUs: 60, finishedUs: NEVER, finishReason: "" });
    expect(journey?.preparedUs).toBe(0);
  });

  test("a pod that never starts keeps what was prepared, over a boot of its machine, too", () => {
    const [journey] = journeysOf((script) =>
      bound(script)
        .pulled("p", "n1", [20, 20, 50])
        .finished("p", 60, "Failed", "NodeLost")
        .pulled("p", "n1", [80, 80, 90]),
    );
    expect(journey).toMatchObject({ preparedUs: 40, startedUs: NEVER, finishedUs: 60 });
  });

  test("facts about an earlier pod of the same name are not taken for its own", () => {
    const [, journey] = journeysOf((script) =>
      bound(script)
        .deleted("p", 100)
        .created(pod, 200)
        .bindingAnswered("p", "n1", 90, 210)
        .started("p", "n1", 215)
        .bound("p", "n2", 220)
        .pulled("p", "n2", [150, 150, 230])
        .pulled("p", "n1", [225, 225, 235])
        .finished("p", 240, "Failed", "Error"),
    );
    expect(journey).toMatchObject({
      ...{ bindingAnsweredUs: NEVER, startedUs: NEVER, pullQueuedUs: NEVER, finishedUs: NEVER },
      ...{ preparedUs: 0, finishReason: "" },
    });
  });

  test("overlaps of what is prepared count once, however the spans lie", () => {
    const span = fc.tuple(fc.nat(60), fc.nat(60)).map(([from, length]) => [from, from + length]);
    fc.assert(
      fc.property(fc.array(span as fc.Arbitrary<[number, number]>), (spans) => {
        const inOrder = spans.toSorted(([, a], [, b]) => a - b);
        const [journey] = journeysOf((script) => {
          script.created(pod, 0).bound("p", "n1", 0);
          for (const [fromUs, toUs] of inOrder) script.initialized("p", "n1", fromUs, toUs);
        });
        const moments = new Set<number>();
        for (const [fromUs, toUs] of spans) for (let t = fromUs; t < toUs; t++) moments.add(t);
        expect(journey?.preparedUs).toBe(moments.size);
      }),
      { seed: 7 },
    );
  });
});
