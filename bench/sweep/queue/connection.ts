/** A connection to Redis that is known to work, and that says when it does not any more. */
import type { Redis } from "ioredis";
import { InputError } from "../../../sim/kernel/index.ts";
import type { QueuePackages } from "./packages.ts";

/** How long Redis may be away before a sweep gives up, in milliseconds. Our assumption. */
export const AWAY_MS = 30_000;

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: object;
}

/** Reads `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. InputError if it is none. */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const db = Number(url?.pathname.replace(/^\//, "") || 0);
  const isRedis = url?.protocol === "redis:" || url?.protocol === "rediss:";
  if (url === undefined || !isRedis || url.hostname === "" || !Number.isInteger(db) || db < 0)
    throw new InputError(
      `--queue: got "${text}", want redis://HOST[:PORT][/DATABASE], such as redis://localhost:6379.`,
    );
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 6379 : Number(url.port),
    db,
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === "rediss:" ? { tls: {} } : {}),
  };
}

/** The address without its password, for messages. */
export const shownAddress = ({ host, port, db }: RedisAddress): string =>
  `redis://${host}:${port}/${db}`;

/** What bullmq asks of a connection: it waits for answers as long as it takes. */
export const forBullmq = (address: RedisAddress) => ({
  ...address,
  maxRetriesPerRequest: null,
});

/** Rejects with InputError when there is no Redis at the address. */
export async function refuseAbsentRedis(
  address: RedisAddress,
  { Redis: Client }: QueuePackages,
): Promise<void> {
  const client: Redis = new Client({
    ...address,
    lazyConnect: true,
    connectTimeout: 5_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let cause: Error | undefined;
  client.on("error", (error) => {
    cause = error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw new InputError(
      `--queue: ${shownAddress(address)} does not answer: ${(cause ?? (error as Error)).message}. ` +
        "Start a Redis server there, or leave out --queue: the sweep then runs on this machine.",
    );
  } finally {
    client.disconnect();
  }
}

/** Tells `lost` once when Redis has been away for too long. */
export class Watchdog {
  #timer: NodeJS.Timeout | undefined;
  readonly #client: Redis;
  readonly #lost: (error: InputError) => void;

  constructor(
    address: RedisAddress,
    { Redis: Client }: QueuePackages,
    { lost, notice }: { lost: (error: InputError) => void; notice: (text: string) => void },
    awayMs = AWAY_MS,
  ) {
    this.#lost = lost;
    this.#client = new Client(forBullmq(address));
    this.#client.on("error", () => {}); // `close` follows
    this.#client.on("close", () => {
      if (this.#timer !== undefined) return;
      notice(`${shownAddress(address)} went away; waiting ${awayMs / 1000} s for it to come back`);
      this.#timer = setTimeout(() => this.#giveUp(address, awayMs), awayMs);
    });
    this.#client.on("ready", () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    });
  }

  #giveUp(address: RedisAddress, awayMs: number): void {
    this.#lost(
      new InputError(
        `--queue: ${shownAddress(address)} has been away for ${awayMs / 1000} s. ` +
          "What is done is kept: start Redis and run the same command again, or run it without --queue.",
      ),
    );
  }

  close(): void {
    this.#client.removeAllListeners("close");
    this.#client.disconnect();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
