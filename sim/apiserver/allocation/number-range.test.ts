import { describe, expect, test } from "vitest";
import { addressNumber, addressRange, addressText, nextFree, portRange } from "./number-range.ts";

describe("a range of addresses", () => {
  test.each([
    ["10.96.0.0/12", "10.96.0.1", "10.111.255.254", "10.96.1.1"],
    ["10.0.0.0/24", "10.0.0.1", "10.0.0.254", "10.0.0.17"],
    ["10.0.0.77/24", "10.0.0.1", "10.0.0.254", "10.0.0.17"],
    ["192.168.1.0/28", "192.168.1.1", "192.168.1.14", "192.168.1.17"],
    ["192.168.1.0/29", "192.168.1.1", "192.168.1.6", "192.168.1.1"],
    ["10.0.0.0/20", "10.0.0.1", "10.0.15.254", "10.0.1.1"],
  ])("%s", (text, first, last, dynamic) => {
    const range = addressRange(text, "x");
    expect([range.first, range.last, range.dynamic].map(addressText)).toEqual([
      first,
      last,
      dynamic,
    ]);
  });

  test.each(["", "10.0.0.0", "10.0.0.0/31", "10.0.0/8", "fd00::/64", "10.0.0.256/24"])(
    "is not %j",
    (text) => {
      expect(() => addressRange(text, "apiserver.serviceClusterIpRange")).toThrow(
        "apiserver.serviceClusterIpRange: got",
      );
    },
  );
});

test("a range of ports keeps its lowest for who asks", () => {
  expect(portRange("30000-32767", "x")).toMatchObject({ first: 30_000, dynamic: 30_086 });
  expect(portRange("30000-30010", "x")).toMatchObject({ last: 30_010, dynamic: 30_000 });
  expect(() => portRange("3-2", "apiserver.serviceNodePortRange")).toThrow("want a range of ports");
});

test("the dynamic band is used up before the static one", () => {
  const range = { first: 1, last: 6, dynamic: 4, text: "" };
  const taken = new Set<number>();
  const got = [0.5, 0.99, 0, 0.99, 0, 0.5, 0].map((uniform) => {
    const number = nextFree(range, (each) => taken.has(each), uniform);
    taken.add(number);
    return number;
  });
  expect(got).toEqual([5, 6, 4, 3, 1, 2, -1]);
});

test.each([
  ["1.2.3.4", 16_909_060],
  ["1.2.3", -1],
  ["01.2.3.4", -1],
  ["::1", -1],
  ["None", -1],
])("the number of %s", (text, number) => expect(addressNumber(text)).toBe(number));
