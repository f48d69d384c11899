export { packageVersion } from "./package-version.ts";
export { quotedWord } from "./quoted-word.ts";
export { sweepThreadFile } from "./sweep-thread-file.ts";
export { type UserCodeHooks, userCodeHooks } from "./user-code-hooks.ts";
