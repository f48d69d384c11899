import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../test/builders.ts";
import { rejections, scores } from "../../test/one-plugin.ts";
import { nodeAffinity } from "./node-affinity.ts";

const nodes = [
  makeNode("a").label("disk", "ssd").label("gen", "7"),
  makeNode("b").label("disk", "hdd").label("gen", "3"),
  makeNode("c"),
];
const MISMATCH = "node(s) didn't match Pod's node affinity/selector (unresolvable)";
const rejecting = (...names: string[]): string[] => names.map((name) => `${name}: ${MISMATCH}`);
const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 ? { values } : {}) }],
});
const byName = (operator: string, ...values: string[]) => ({
  matchFields: [{ key: "metadata.name", operator, values }],
});
const required = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";

describe("NodeAffinity, filter", () => {
  test.each([
    ["a pod that asks for nothing", makePod("p"), []],
    ["nodeSelector", makePod("p").nodeSelector({ disk: "ssd" }), rejecting("b", "c")],
    ["an empty nodeSelector", makePod("p").nodeSelector({}), []],
    ["In", makePod("p").requires(expression("disk", "In", "ssd", "hdd")), rejecting("c")],
    [
      "NotIn matches a missing label",
      makePod("p").requires(expression("disk", "NotIn", "ssd")),
      rejecting("a"),
    ],
    ["Exists", makePod("p").requires(expression("gen", "Exists")), rejecting("c")],
    ["DoesNotExist", makePod("p").requires(expression("gen", "DoesNotExist")), rejecting("a", "b")],
    ["Gt", makePod("p").requires(expression("gen", "Gt", "3")), rejecting("b", "c")],
    ["Lt", makePod("p").requires(expression("gen", "Lt", "7")), rejecting("a", "c")],
    ["an empty term matches nothing", makePod("p").requires({}), rejecting("a", "b", "c")],
    ["no term matches nothing", makePod("p").requires(), rejecting("a", "b", "c")],
    [
      "terms are alternatives",
      makePod("p").requires(expression("disk", "In", "hdd"), expression("gen", "Gt", "5")),
      rejecting("c"),
    ],
    [
      "nodeSelector and affinity both hold",
      makePod("p")
        .nodeSelector({ disk: "ssd" })
        .requires(expression("gen", "Lt", "5")),
      rejecting("a", "b", "c"),
    ],
    [
      "named nodes leave the others out without a verdict",
      makePod("p").requires(byName("In", "c")),
      ["a: left out", "b: left out"],
    ],
    [
      "a term that leaves the name open keeps all nodes in",
      makePod("p").requires(byName("In", "c"), expression("disk", "In", "ssd")),
      rejecting("b"),
    ],
    ["NotIn of a name is a filter", makePod("p").requires(byName("NotIn", "c")), rejecting("c")],
    [
      "names that contradict each other",
      makePod("p").requires({
        matchFields: [...byName("In", "a").matchFields, ...byName("In", "b").matchFields],
      }),
      ["preFilter: pod affinity terms conflict (unresolvable)"],
    ],
  ])("%s", (_case, pod, wanted) => {
    expect(rejections(nodeAffinity(), pod, { nodes })).toEqual(wanted);
  });

  test("addedAffinity holds for every pod and is checked first", () => {
    const plugin = nodeAffinity({
      addedAffinity: { [required]: { nodeSelectorTerms: [expression("disk", "Exists")] } },
    });
    const pod = makePod("p").nodeSelector({ disk: "ssd" });
    expect(rejections(plugin, pod, { nodes })).toEqual([
      ...rejecting("b"),
      "c: node(s) didn't match scheduler-enforced node affinity (unresolvable)",
    ]);
  });
});

describe("NodeAffinity, score", () => {
  test("weights of matching terms add up and the best node gets 100", () => {
    const pod = makePod("p")
      .prefers(10, expression("disk", "Exists"))
      .prefers(20, expression("gen", "Gt", "5"))
      .prefers(50, {});
    expect(scores(nodeAffinity(), pod, { nodes })).toEqual([100, 33, 0]);
  });

  test("addedAffinity's preferences join the pod's", () => {
    const plugin = nodeAffinity({
      addedAffinity: {
        [preferred]: [{ weight: 1, preference: expression("disk", "DoesNotExist") }],
      },
    });
    const pod = makePod("p").prefers(4, expression("disk", "In", "ssd"));
    expect(scores(plugin, pod, { nodes })).toEqual([100, 0, 25]);
  });

  test("a pod without preferences is skipped", () => {
    expect(scores(nodeAffinity(), makePod("p"), { nodes })).toBeUndefined();
  });
});

describe("NodeAffinityArgs", () => {
  const terms = (condition: object) => ({
    addedAffinity: { [required]: { nodeSelectorTerms: [{ matchExpressions: [condition] }] } },
  });
  const at = `NodeAffinityArgs.addedAffinity.${required}.nodeSelectorTerms[0].matchExpressions[0]`;

  test.each<[string, object, string]>([
    [
      "an unknown field",
      { addedAfinity: {} },
      'unknown field "NodeAffinityArgs.addedAfinity"; did you mean "addedAffinity"?',
    ],
    [
      "an operator that there is not",
      terms({ key: "disk", operator: "Like" }),
      `${at}.operator: Unsupported value: "Like": supported values: "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"`,
    ],
    [
      "no values",
      terms({ key: "disk", operator: "In", values: [] }),
      `${at}.values: Invalid value: []string{}: for 'in', 'notin' operators, values set can't be empty`,
    ],
    [
      "a bound that is no number",
      terms({ key: "gen", operator: "Gt", values: ["x"] }),
      `${at}.values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    [
      "two names",
      {
        addedAffinity: {
          [preferred]: [
            {
              weight: 1,
              preference: {
                matchFields: [{ key: "metadata.name", operator: "In", values: ["a", "b"] }],
              },
            },
          ],
        },
      },
      `NodeAffinityArgs.addedAffinity.${preferred}[0].matchFields[0].values: Invalid value: []string{"a", "b"}: must have one element`,
    ],
  ])("refuses %s", (_case, args, message) => {
    expect(() => nodeAffinity(args)).toThrow(message);
  });

  test("an added affinity without terms matches no node, as in kube-scheduler", () => {
    const plugin = nodeAffinity({ addedAffinity: { [required]: { nodeSelectorTerms: [] } } });
    expect(rejections(plugin, makePod("p"), { nodes })).toHaveLength(3);
  });
});
