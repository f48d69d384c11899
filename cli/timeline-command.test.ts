import { describe, expect, test } from "vitest";
import { objectOf } from "./timeline-command.ts";

const flags = (given: object) => given as Parameters<typeof objectOf>[0];

describe("the object of a timeline", () => {
  test.each([
    [{ pod: "shop/web-0" }, { kind: "Pod", namespace: "shop", name: "web-0" }],
    [{ pod: "web-0" }, { kind: "Pod", namespace: "default", name: "web-0" }],
    [{ deployment: "shop/web" }, { kind: "Deployment", namespace: "shop", name: "web" }],
    [{ object: "statefulset/shop/db" }, { kind: "StatefulSet", namespace: "shop", name: "db" }],
  ])("%j", (given, object) => {
    expect(objectOf(flags(given))).toEqual(object);
  });

  test.each([
    [{}, /wants one of --pod, --deployment and --object, got none/],
    [{ pod: "a/b", deployment: "a/b" }, /got 2 of them/],
    [{ pod: "a/b/c" }, /--pod: got "a\/b\/c", want NAMESPACE\/NAME/],
    [{ pod: "shop/" }, /--pod: got "shop\/", want NAMESPACE\/NAME/],
    [{ object: "Jobs/shop/x" }, /got the kind "Jobs", want one of .*, did you mean Job\?/],
    [{ object: "Job/shop/x/y" }, /want KIND\/NAMESPACE\/NAME/],
  ])("%j is refused", (given, message) => {
    expect(() => objectOf(flags(given))).toThrow(message);
  });
});
