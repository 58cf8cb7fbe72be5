import type { LogSource } from "../configd/api/tool-names.ts";
import type { LogEntry, Tools } from "../configd/machine/tools.ts";
import { describedOutput } from "./described-answers.ts";
import type { DescribedMachine } from "./described-machine.ts";
import { FakeTools } from "./fake-tools.ts";

const secondMs = 1000;

/** Tools that answer with the journal, network and volumes of a described machine. */
export function describedTools(machine: DescribedMachine): Tools {
  const tools = new FakeTools();
  for (const source of ["agent", "system", "network"] as const)
    tools.entries[source] = describedLog(source, machine, Date.now());
  tools.volumesNow = [
    { id: "sdb1", label: "OUTRIDER", fileSystem: "vfat", sizeBytes: 8_000_000_000, writable: true },
    {
      id: "sr0",
      label: "CERTIFICATES",
      fileSystem: "iso9660",
      sizeBytes: 4_000_000,
      writable: false,
    },
  ];
  tools.files = { sdb1: {}, sr0: { "example-ca.pem": exampleAuthority } };
  tools.runTool = async (task) => describedOutput(task, machine.surroundings);
  return tools;
}

export function describedLog(
  source: LogSource,
  machine: DescribedMachine,
  nowMs: number,
): LogEntry[] {
  const [nic] = machine.interfaces;
  const lines: Readonly<
    Record<LogSource, readonly [from: string, priority: number, text: string][]>
  > = {
    agent: [
      ["outrider-agent", 6, 'agent started version="0.1.0"'],
      ["outrider-agent", 6, "call home answered next=180"],
      ["outrider-agent", 4, 'service failed service="updates" code="service-busy"'],
      ["outrider-agent", 6, "call home answered next=180"],
    ],
    system: [
      ["kernel", 6, "Linux version 6.12.48+deb13-amd64"],
      ["outrider-configd", 6, 'configd ready version="0.1.0"'],
      ["init", 6, "Reached target multi-user.target - Multi-User System."],
    ],
    network: [
      ["systemd-networkd", 6, `${nic?.name ?? "eth0"}: Gained carrier`],
      [
        "systemd-networkd",
        6,
        `${nic?.name ?? "eth0"}: DHCPv4 address ${nic?.lease?.address ?? "192.0.2.50/24"} acquired`,
      ],
      [
        "systemd-resolved",
        4,
        "Using degraded feature set UDP instead of UDP+EDNS0 for DNS server.",
      ],
      ["systemd-timesyncd", 6, "Contacted time server 192.0.2.1:123."],
    ],
  };
  return lines[source].map(([from, priority, text], index) => ({
    cursor: `s=1;i=${index + 1}`,
    at: nowMs - (lines[source].length - index) * 20 * secondMs,
    priority,
    from,
    text,
  }));
}

/** A test authority's certificate; its key was thrown away. */
const exampleAuthority = `-----BEGIN CERTIFICATE-----
MIIBszCCAVmgAwIBAgIUQK3cT8i8mZ1kq0yW0Qz0xw0p0jYwCgYIKoZIzj0EAwIw
-----END CERTIFICATE-----
`;
