import type { Appliance } from "../../../image/lab/appliance.ts";
import type { CommandResult, Namespaces } from "../../../image/lab/namespaces.ts";
import { portOf } from "../../../image/lab/network.ts";
import type { Terminal } from "../../../image/terminal/terminal.ts";

interface ToolLab {
  appliance: Appliance<Terminal>;
  namespaces: Namespaces;
}

/** What `outrider TOOL --json` prints. */
export interface PrintedAnswer {
  outcome: string;
  code: string | null;
  verdict: string;
  lines: string[];
  contacted: string[];
  error?: { code: string };
}

export function outrider({ appliance }: ToolLab, words: readonly string[]): Promise<CommandResult> {
  return appliance.exec(["outrider", ...words], { mayFail: true, timeoutMs: 150_000 });
}

export async function tool(lab: ToolLab, words: readonly string[]): Promise<PrintedAnswer> {
  const { stdout, stderr } = await outrider(lab, [...words, "--json"]);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`${words.join(" ")}: ${stdout}${stderr}`);
  }
}

/**
 * Counts what tools send, outside of the appliance, at the segments' end of its cards: pings, DNS
 * questions and TCP; ARP, neighbour discovery and time are every card's own.
 */
export async function countTools(
  namespaces: Namespaces,
  cards: { lan: string; wan: string },
): Promise<void> {
  const chains = Object.entries(cards).map(
    ([side, card]) => `counter ${side} { }
  chain ${side} {
    type filter hook ingress device "${portOf(card)}" priority 0; policy accept;
    icmp type echo-request counter name ${side}
    icmpv6 type echo-request counter name ${side}
    ip protocol tcp counter name ${side}
    ip6 nexthdr tcp counter name ${side}
    udp dport 53 counter name ${side}
    arp operation request arp daddr ip 192.0.2.77 counter name ${side}
  }`,
  );
  await namespaces.runPeer(["nft", "-f", "-"], {
    input: `table netdev tools {\n  ${chains.join("\n  ")}\n}\n`,
  });
}

export async function toolCounts(namespaces: Namespaces): Promise<{ lan: number; wan: number }> {
  const list = ["nft", "list", "counters", "table", "netdev", "tools"];
  const { stdout } = await namespaces.runPeer(list);
  const packets = (side: string) =>
    Number(new RegExp(`counter ${side} \\{\\s+packets (\\d+)`).exec(stdout)?.[1]);
  return { lan: packets("lan"), wan: packets("wan") };
}

/** The captures that lie in the appliance, oldest first. */
export async function savedCaptures({ appliance }: ToolLab): Promise<Buffer[]> {
  const { stdout } = await appliance.exec([
    "sh",
    "-c",
    "cd /run/outrider/captures && for file in *.pcap; do base64 -w0 $file; echo; done",
  ]);
  return stdout.split("\n").map((line) => Buffer.from(line, "base64"));
}

/** Everything that passes a card, with all contents, taken outside of the appliance. */
export async function rawCapture(
  { namespaces }: ToolLab,
  card: string,
): Promise<{ end(): Promise<Buffer> }> {
  const file = `/run/lab/raw-${card}.pcap`;
  const options = ["-Z", "root", "-i", portOf(card), "-U", "-w", file];
  const program = "/run/lab/system/usr/bin/tcpdump";
  const libraries = "/run/lab/system/lib/x86_64-linux-gnu";
  const loader = `${libraries}/ld-linux-x86-64.so.2`;
  const daemon = namespaces.spawn("raw capture", [
    loader,
    "--library-path",
    `${libraries}:/run/lab/system/usr/lib/x86_64-linux-gnu`,
    program,
    ...options,
  ]);
  await daemon.waitForOutput("listening");
  return {
    end: async () => {
      await daemon.end("SIGTERM");
      const { stdout } = await namespaces.run(["base64", "-w0", file]);
      await namespaces.run(["rm", file]);
      return Buffer.from(stdout, "base64");
    },
  };
}

/** Waits until the appliance captures packets. */
export async function captureRuns({ appliance }: ToolLab): Promise<void> {
  await appliance.exec(
    [
      "sh",
      "-c",
      // Its process is there before it hears anything: a socket for all protocols (packet(7)).
      "until grep -Eq '^[0-9a-f]+ +[0-9]+ +3 +0003 ' /proc/net/packet; do sleep 0.1; done",
    ],
    { timeoutMs: 60_000 },
  );
}
