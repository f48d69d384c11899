/** The packages that talk to Redis: the user installs them where they are needed. */
import { InputError } from "../../../sim/kernel/index.ts";

export interface QueuePackages {
  readonly bullmq: typeof import("bullmq");
  readonly Redis: typeof import("ioredis").Redis;
}

/** InputError says what to install. */
export async function queuePackages(): Promise<QueuePackages> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, Redis };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InputError(
      "--queue: the packages bullmq and ioredis are not installed, want both. " +
        "Install them beside stowage: npm install bullmq@6 ioredis@6",
    );
  }
}
