/**
 * Selector strings as clients send them: label selectors `a in (x,y),!b,c!=d` and field selectors
 * `spec.nodeName=x,status.phase!=Running`.
 *
 * Source: the lexer and parser of apimachinery/pkg/labels/selector.go and pkg/fields/selector.go
 * of v1.30; the errors are theirs, word for word.
 */
import { byCodeUnit } from "./code-unit-order.ts";
import { describeFieldError, invalid } from "./field-error.ts";
import { type Selector, selectorOf } from "./label-selector.ts";
import { qualifiedNameError } from "./name-format.ts";
import { checkRequirement, Requirement, type RequirementOperator } from "./requirement.ts";

/** The Selector, or the parser's complaint. */
export function parseSelectorString(text: string): Selector | string {
  const parser = new Parser(text);
  const requirements = parser.parse();
  return typeof requirements === "string" ? requirements : selectorOf(requirements);
}

const BINARY_OPERATORS: ReadonlyMap<string, RequirementOperator> = new Map([
  ["in", "in"],
  ["notin", "notin"],
  ["=", "="],
  ["==", "=="],
  ["!=", "!="],
  [">", "gt"],
  ["<", "lt"],
]);
const EXPECTED_OPERATORS = "in, notin, =, ==, !=, gt, lt";

/** A word (identifier, or keyword that is one where a value is expected), a symbol, or the end. */
interface Token {
  readonly kind: "word" | "symbol" | "end";
  readonly text: string;
}

const TOKEN = /\s*(?:(==|!=|[=!(),<>])|([^\s=!(),<>]+))/y;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [, symbol, word] = match;
    found.push(
      symbol === undefined ? { kind: "word", text: word ?? "" } : { kind: "symbol", text: symbol },
    );
  }
  return found;
}

const END: Token = { kind: "end", text: "" };

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  parse(): Requirement[] | string {
    const requirements: Requirement[] = [];
    for (;;) {
      const first = this.#peek();
      if (first.kind === "end") return requirements;
      if (first.kind !== "word" && first.text !== "!") {
        return `found '${first.text}', expected: !, identifier, or 'end of string'`;
      }
      const requirement = this.#requirement();
      if (typeof requirement === "string") return `unable to parse requirement: ${requirement}`;
      requirements.push(requirement);
      const after = this.#next();
      if (after.kind === "end") return requirements;
      if (after.text !== ",") return `found '${after.text}', expected: ',' or 'end of string'`;
      const then = this.#peek();
      if (then.kind !== "word" && then.text !== "!") {
        return `found '${then.text}', expected: identifier after ','`;
      }
    }
  }

  #requirement(): Requirement | string {
    let token = this.#next();
    const isNegated = token.text === "!";
    if (isNegated) token = this.#next();
    if (token.kind !== "word") return `found '${token.text}', expected: identifier`;
    const key = token.text;
    const keyError = qualifiedNameError(key);
    if (keyError !== "") return describeFieldError(invalid("<nil>", key, keyError));
    const after = this.#peek();
    if (isNegated) return new Requirement(key, "!", []);
    if (after.kind === "end" || after.text === ",") return new Requirement(key, "exists", []);

    const operatorToken = this.#next();
    const operator = BINARY_OPERATORS.get(operatorToken.text);
    if (operator === undefined) {
      return `found '${operatorToken.text}', expected: ${EXPECTED_OPERATORS}`;
    }
    const values = operator === "in" || operator === "notin" ? this.#set() : this.#exact();
    if (typeof values === "string") return values;
    const error = checkRequirement(key, operator, values);
    return error === "" ? new Requirement(key, operator, values) : error;
  }

  #set(): string[] | string {
    const open = this.#next();
    if (open.text !== "(") return `found '${open.text}' expected: '('`;
    const values = new Set<string>();
    if (this.#peek().text === ")") values.add("");
    else if (this.#peek().kind !== "word" && this.#peek().text !== ",") {
      return `found '${this.#peek().text}', expected: ',', ')' or identifier`;
    }
    while (this.#peek().text !== ")") {
      const token = this.#next();
      const after = this.#peek();
      if (token.kind === "word") {
        values.add(token.text);
        if (after.text !== "," && after.text !== ")") {
          return `found '${after.text}', expected: ',' or ')'`;
        }
      } else if (token.text === ",") {
        if (values.size === 0 || after.text === "," || after.text === ")") values.add("");
      } else return `found '${token.text}', expected: ',', or identifier`;
    }
    this.#next();
    return [...values].sort(byCodeUnit);
  }

  #exact(): string[] | string {
    const token = this.#peek();
    if (token.kind === "end" || token.text === ",") return [""];
    this.#next();
    return token.kind === "word" ? [token.text] : `found '${token.text}', expected: identifier`;
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? END;
  }

  #next(): Token {
    return this.#tokens[this.#position++] ?? END;
  }
}

/** One condition on a field, by its path in the object. */
export interface FieldRequirement {
  readonly path: string;
  readonly value: string;
  readonly isNegated: boolean;
}

/** Parses `spec.nodeName=x,status.phase!=Running`; the result is a string where it is malformed. */
export function parseFieldSelector(text: string): FieldSelector | string {
  const requirements: FieldRequirement[] = [];
  for (const term of text.split(",")) {
    if (term === "") continue;
    const parts = /^([^=!]*)(==|=|!=)(.*)$/s.exec(term);
    if (parts === null) {
      return `invalid selector: '${text}'; can't understand '${term}'`;
    }
    const [, path = "", operator, value = ""] = parts;
    requirements.push({ path, value, isNegated: operator === "!=" });
  }
  return new FieldSelector(requirements);
}

export class FieldSelector {
  readonly requirements: readonly FieldRequirement[];
  readonly #paths: readonly (readonly string[])[];

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements;
    this.#paths = requirements.map(({ path }) => path.split("."));
  }

  /** Whether the object's fields satisfy all requirements; an absent field has the value "". */
  matches(object: object): boolean {
    return this.requirements.every(({ value, isNegated }, index) => {
      let found: unknown = object;
      for (const name of this.#paths[index] ?? []) {
        found = (found as Record<string, unknown> | null | undefined)?.[name];
      }
      return (String(found ?? "") === value) !== isNegated;
    });
  }

  toString(): string {
    return this.requirements
      .map(({ path, value, isNegated }) => `${path}${isNegated ? "!=" : "="}${value}`)
      .join(",");
  }
}
