/** The end of a command's help: the policies and balancers that can be named in its flags. */
interface Described {
  readonly name: string;
  readonly description: string;
}

/** Lists the built-in policies and load balancers. Loading them takes time: for help only. */
export async function builtInsEpilogue(): Promise<string> {
  const [{ describeProfiles }, { describeBalancers }] = await Promise.all([
    import("../policies/index.ts"),
    import("../policies/balance/index.ts"),
  ]);
  return (
    `Built-in policies:\n${described(describeProfiles())}\n\n` +
    "Built-in balancers (where none is named, modes iptables and nftables draw at\n" +
    `random, and ipvs goes by cluster.network.ipvsScheduler):\n${described(describeBalancers())}\n`
  );
}

const described = (all: readonly Described[]): string =>
  all.map(({ name, description }) => `  ${name}: ${description}`).join("\n");
