import type { TSchema } from "@sinclair/typebox";
import { CommandResult } from "../../src/protocol/schemas/commands.ts";
import { CertificateRequest, EnrolmentRequest } from "../../src/protocol/schemas/enrolment.ts";
import { Heartbeat, Inventory } from "../../src/protocol/schemas/health.ts";
import { Acknowledgement } from "../../src/protocol/schemas/jobs.ts";
import { Completion, ResultPart } from "../../src/protocol/schemas/results.ts";

interface Message {
  title: string;
  when: string;
  schema: TSchema;
  /**
   * The purpose of each field. A field without one fails the test, so the page omits nothing that
   * is sent.
   */
  meanings: Record<string, string>;
}

/** Everything that an appliance sends with content. */
export const messages: Message[] = [
  {
    title: "Enrolment",
    when: "Once, when an activation code is typed in; until it worked.",
    schema: EnrolmentRequest,
    meanings: {
      certificateRequest:
        "the public half of the key that was made on the appliance, and its host name",
      hostname: "the host name as it is set",
      softwareVersion: "version of Outrider",
    },
  },
  {
    title: "Certificate renewal",
    when: "Before the appliance's certificate runs out.",
    schema: CertificateRequest,
    meanings: { certificateRequest: "the same public key again" },
  },
  {
    title: "Heartbeat",
    when: "Every interval that the platform sets, usually 180 s.",
    schema: Heartbeat,
    meanings: {
      bootId: "a random name of this start of the machine",
      machine:
        "a digest by which copies of a machine are told apart; the values themselves are not sent",
      starts: "how often the agent was started",
      sequence: "which heartbeat of this run it is",
      softwareVersion: "version of Outrider",
      configurationVersion: "which of the platform's configurations is in use",
      trusts: "by which keys the appliance knows the platform",
      health: "load, memory and free disk",
      interfaces: "the appliance's own network cards, with MAC and IP addresses",
      networkReports: "what is wrong with cards and networks, as a card that was replaced",
      jobs: "which scans are being worked on, and how far they are",
      counters: "requests, failures and connections since the agent was started",
      proxy: "host and port of the proxy in use; never a user or password",
      spool: "how much waits to be sent",
      outage:
        "when the platform could not be reached last, and what the doctor found to be wrong then",
      updates: "signature packs and software: which are known, here, or refused and why",
    },
  },
  {
    title: "Inventory",
    when: "After a start and once a day.",
    schema: Inventory,
    meanings: {
      hostname: "the host name",
      operatingSystem: "name and version of the system",
      kernel: "its kernel",
      virtualization: "which hypervisor it runs on",
      manufacturer: "of the (virtual) machine",
      model: "of the (virtual) machine",
      processor: "its processor",
      processorCount: "how many",
      memoryTotalBytes: "its memory",
      softwareVersion: "version of Outrider",
      engine: "the scan engine and its version",
    },
  },
  {
    title: "Acknowledgement of a scan",
    when: "When a scan that the platform asked for is safe on the appliance's disk.",
    schema: Acknowledgement,
    meanings: { receivedAt: "when" },
  },
  {
    title: "Scan results",
    when: "While and after a scan that the platform asked for.",
    schema: ResultPart,
    meanings: {
      jobId: "which scan",
      attempt: "which attempt at it",
      number: "which part of the result",
      hosts:
        "what was found: addresses, names, MAC addresses, open ports, and what the services there say of themselves",
    },
  },
  {
    title: "End of a scan",
    when: "After the last part.",
    schema: Completion,
    meanings: {
      state: "how it ended",
      partCount: "how many parts there are",
      partsSha256: "a digest over them",
      lost: "parts that were damaged on the disk",
      addressesScanned: "how many addresses",
      hostsUp: "how many answered",
      openPorts: "how many open ports",
      startedAt: "when it began",
      endedAt: "when it ended",
      engine: "the scan engine and its version",
      problems: "what went wrong, with the addresses that were not tested",
      course: "how far it was at which moment",
    },
  },
  {
    title: "Result of a command",
    when: "After a command of the platform: reboot, doctor, support bundle, network change and the like.",
    schema: CommandResult,
    meanings: {
      end: "whether it was done",
      code: "why not",
      detail: "what happened, in words",
      startedAt: "when it began",
      endedAt: "when it ended",
      checks:
        "the doctor's checks, where they were asked for: names and addresses on the way to the platform",
      bundle: "digest of the support bundle, where one was asked for",
    },
  },
];

/** One line a field, those inside of others by their path. */
export function fieldLines(schema: TSchema, path = ""): { path: string; form: string }[] {
  const properties: unknown = schema.properties;
  if (typeof properties !== "object" || properties === null) return [];
  const required: readonly string[] = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties as Record<string, TSchema>).flatMap(([name, inner]) => {
    const own = path === "" ? name : `${path}.${name}`;
    const item: TSchema | undefined = inner.type === "array" ? inner.items : undefined;
    const optional = required.includes(name) ? "" : "; not always";
    const line = { path: own, form: formOf(inner) + optional };
    return [
      line,
      ...fieldLines(inner, own),
      ...(item && !Array.isArray(item) ? fieldLines(item, `${own}[]`) : []),
    ];
  });
}

function formOf(schema: TSchema): string {
  if (Array.isArray(schema.anyOf)) {
    const choices: TSchema[] = schema.anyOf;
    if (choices.every((choice) => typeof choice.const === "string"))
      return `one of ${choices.map((choice) => choice.const).join(", ")}`;
    return [
      ...new Set(choices.map((choice) => (choice.type === "null" ? "nothing" : formOf(choice)))),
    ].join(" or ");
  }
  if (schema.const !== undefined) return String(schema.const);
  const within = (name: string, value: unknown) =>
    value === undefined ? "" : `, ${name} ${value}`;
  switch (schema.type) {
    case "string":
      return schema.pattern === undefined
        ? `text${within("at most", schema.maxLength)}`
        : `text of the form \`${String(schema.pattern).replaceAll("|", "\\|")}\``;
    case "integer":
    case "number":
      return `number${within("at least", schema.minimum)}${within("at most", schema.maximum)}`;
    case "boolean":
      return "yes or no";
    case "array":
      return Array.isArray(schema.items)
        ? `${schema.items.length} of: ${formOf(schema.items[0])}`
        : `list${within("at most", schema.maxItems)}`;
    default:
      return "group";
  }
}

export function renderPrivacyPage(): string {
  const lines = [
    "# What an appliance sends, and where to",
    "",
    "This page is made from the schemas of the messages (`UPDATE_DOCS=1 npx ava test/docs` writes it, and a test fails when it is",
    "stale), so it says what is sent and not what was once meant to be. Everything goes to the platform that the appliance is",
    "enrolled with, over HTTPS, and nowhere else: there is no telemetry, no crash report, no other server. Nothing connects to",
    "the appliance.",
    "",
    "Besides its content each request carries the appliance's id, a random nonce, the time and a signature; the version of",
    "Outrider; and the name of this start of the machine (`boot`). Requests without content ask for the configuration, the list",
    "of jobs, the list of updates and files of updates.",
    "",
    "Where else the appliance goes, on its own network: its DNS servers, its time servers, its DHCP server, its gateway, its",
    "proxy (and, for a Kerberos log-in, the servers of the realm; for a PAC file, the server that has it and those that this one",
    "sends to), the targets of scans that the platform asked for, and what the operator pings or traces at the console. Its time",
    "servers are those of the settings, else those that DHCP names, else Debian's pool on the Internet. `outrider egress` lists",
    "every destination that was contacted, by whom, how often and why; anything beyond that list that a firewall sees is a",
    "fault. On the link itself the appliance speaks ARP, IPv6 neighbour discovery and multicast listener reports, as every",
    "machine does.",
    "",
    "Passwords, activation codes and private keys are never sent. A support bundle is made only on request, at the console or",
    "from the platform; secrets are taken out of it.",
    "",
  ];
  for (const { title, when, schema, meanings } of messages) {
    lines.push(`## ${title}`, "", when, "", "| field | what it is for | form |", "|---|---|---|");
    for (const { path, form } of fieldLines(schema))
      lines.push(`| \`${path}\` | ${meanings[path] ?? ""} | ${form} |`);
    lines.push("");
  }
  return lines.join("\n");
}
