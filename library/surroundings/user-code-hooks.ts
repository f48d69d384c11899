/** How a run or a repeated run gets at the user's code: compiled and loaded when it is needed. */
import type { BalancerCode, PolicyCode } from "../../bench/index.ts";

export interface UserCodeHooks {
  /** Loads the policy file at the absolute `path`; throws InputError when it is none. */
  loadPolicy(path: string): Promise<PolicyCode>;
  /** Loads the balancer's file at the absolute `path`; throws InputError when it is none. */
  loadBalancer(path: string): Promise<BalancerCode>;
}

/** The hooks; `notice` gets a line before each file, since compiling one may take a while. */
export const userCodeHooks = (notice: (text: string) => void = () => {}): UserCodeHooks => ({
  async loadPolicy(path) {
    notice(`loading policy ${path}`);
    const { loadPolicy } = await import("./load-policy.ts");
    return loadPolicy(path);
  },
  async loadBalancer(path) {
    notice(`loading balancer ${path}`);
    const { loadBalancer } = await import("./load-balancer.ts");
    return loadBalancer(path);
  },
});
