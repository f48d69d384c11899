/** Texts of IP addresses, as Go's net package reads them. */

const IP_RULE = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/** Why a text is no IP address, or "" (IsValidIP of apimachinery's validation). */
export function ipError(text: string): string {
  return isIPv4(text) || isIPv6(text) ? "" : IP_RULE;
}

/** Four numbers up to 255, without leading zeros. */
export function isIPv4(text: string): boolean {
  let dots = 0;
  let digits = 0;
  let value = 0;
  // By character: an EndpointSlice has up to a hundred of them.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (digits === 0) return false;
      dots++;
      digits = 0;
      value = 0;
    } else {
      if (code < 48 || code > 57 || (digits > 0 && value === 0)) return false;
      value = value * 10 + code - 48;
      if (value > 255) return false;
      digits++;
    }
  }
  return dots === 3 && digits > 0;
}

/** Eight groups of hexadecimal digits; `::` once for groups of zeros; the last two may be IPv4. */
export function isIPv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1) ?? "";
  let count = groups.length;
  if (last.includes(".")) {
    if (!isIPv4(last) || text.endsWith("::")) return false;
    groups.pop();
    count++;
  }
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? count <= 7 : count === 8;
}

/** The eight numbers of an IPv6 address, which must be one. */
export function ipv6Groups(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

function groupsOf(half: string): number[] {
  if (half === "") return [];
  return half.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
