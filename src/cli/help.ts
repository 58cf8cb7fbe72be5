import { type KnownOption, knownOptions } from "./known-options.ts";
import { columns, UsageError } from "./output.ts";
import { toolTopics } from "./tool-help.ts";
import type { Topic } from "./topics.ts";

const overview = `outrider: look at and set up this appliance

  outrider status                    how it is: address, platform, services, scans
  outrider network show              the settings, and a change that is being tried
  outrider network try OPTIONS       try new settings; they go back by themselves after 120 s
  outrider network set OPTIONS       try new settings and keep them when the checks are as good as before
  outrider network keep              keep what is being tried
  outrider network revert            go back at once
  outrider network extend            120 s more
  outrider network history           what was kept before: when, by whom, why
  outrider network restore NUMBER    try settings of the history
  outrider network renew [lan|wan]   ask the DHCP server anew
  outrider proxy show|try|set        the way through a proxy
  outrider platform show|try|set     the platform's address
  outrider time show|try|set         time servers
  outrider trust show|try|set        extra certificates on the way to the platform
  outrider scan show|try|set         what is never scanned
  outrider system show|try|set       host name, keyboard, console lock
  outrider zero-touch show|read      what hypervisor and volumes gave
  outrider reset network|factory     back to DHCP; or as it was delivered
  outrider enrol URL                 give the appliance to a platform
  outrider doctor                    check the path to the platform, hop by hop
  outrider ping HOST                 does it answer, and how fast
  outrider lookup NAME               what each DNS server says of a name
  outrider trace HOST                the way of connections, and which hop says no
  outrider tls HOST                  certificates and what TLS agrees on, through the proxy too
  outrider capture                   packets for the next support bundle, without their contents
  outrider call                      have the agent call home now
  outrider egress                    every destination contacted, by whom and why
  outrider firewall                  what a firewall has to let through, as a text to hand over
  outrider power reboot|poweroff     restart or turn off the appliance
  outrider console                   the full-screen console, in this terminal
  outrider version                   the version of the software
  outrider licences                  the licences of all that the appliance is made of
  outrider help [VERB]               more about one of these

Every verb takes --json for programs and --socket PATH for another configuration service.

It ends with 0 when done, 1 when it failed, 2 when called wrongly, 3 when settings or a code were refused,
4 when the configuration service does not answer, 5 when checks failed.`;

const topics: Record<string, string> = {
  ...toolTopics,
  status: `outrider status [--json]

Shows the interfaces with their addresses, the platform and its services with the last contact, running scans, and whether
a settings change is being tried.`,
  network: `outrider network show [--json]
outrider network try|set OPTIONS [--why TEXT] [--json]
outrider network keep|revert|extend [--json]
outrider network history [--json]
outrider network restore NUMBER [--keep] [--why TEXT] [--json]
outrider network renew [lan|wan]

${optionLines("network", ({ field }) => field?.role !== "lan")}

For LAN; with lan- or wan- in front for one side, as --wan-address:
${optionLines("network", ({ field }) => field?.role === "lan")}

Also every option of the other topics (help proxy, platform, time, trust, scan, system), in the same transaction.

What is not named stays as it is. A change is tried first: it becomes active, the path is checked before and after, and without a
\`keep\` the old settings come back after 120 s, also when the connection to this shell is lost. \`set\` keeps by itself when
the checks reach all that they reached before, and goes back otherwise. The ten settings before the present ones can be tried again
by \`restore\`; secrets are not in the history and stay as they are.`,
  proxy: `outrider proxy show|try|set OPTIONS [--json]

${optionLines("proxy")}`,
  platform: `outrider platform show|try|set OPTIONS [--json]

${optionLines("platform")}`,
  time: `outrider time show|try|set OPTIONS [--json]

${optionLines("time")}`,
  trust: `outrider trust show|try|set OPTIONS [--json]

${optionLines("trust")}`,
  scan: `outrider scan show|try|set OPTIONS [--json]

${optionLines("scan")}`,
  system: `outrider system show|try|set OPTIONS [--json]

${optionLines("system")}`,
  "zero-touch": `outrider zero-touch show [--json]
outrider zero-touch read [--keep] [--why TEXT] [--json]

Shows what the hypervisor, its firmware or a volume gave at the first start, and what of it could not be used. \`read\` looks
again and tries what it finds; with --keep it keeps that when the checks are as good as before.`,
  reset: `outrider reset network [--confirm yes] [--json]
outrider reset factory [--confirm HOSTNAME] [--json]

\`network\` takes the network back to one interface with DHCP, at once; platform, identity and proxy stay. \`factory\` removes all
that the appliance was told and found, and restarts; the host name has to be typed.`,
  enrol: `outrider enrol URL [--json]

Gives the appliance to the platform at URL, as https://platform.example.org, with an activation code from the platform's page.
The code is asked for, or read from standard input; among the arguments every user of the machine could see it:

  outrider enrol https://platform.example.org < code.txt`,
  doctor: `outrider doctor [--only CHECK] [--json]

Checks link, address, gateway, DNS, proxy, TLS, each service of the platform and the clock. The first hop that fails is named with what to do.
With --only one kind of them is checked, as dns or proxy, or one of its lines, as service:health.
Ends with 5 when something failed.`,
  egress: `outrider egress [--json]

Every destination that this appliance has contacted: by whom (agent, doctor, resolver, time, dhcp, scan, console), host and port, the addresses
that were connected to, how often, when last, and why. Times in UTC. What a firewall sees that is not in this list is a fault: report it.`,
  firewall: `outrider firewall [--json]

What a firewall between this appliance and its platform has to allow, as plain text for whoever runs it: from which address, to which
names and ports, with the addresses that were connected to so far; and what a proxy has to let through, where there is one.`,
  call: "outrider call\n\nHas the agent call home now instead of at the planned time.",
  power: "outrider power reboot|poweroff\n\nA scan that runs goes on after a restart.",
  console:
    "outrider console\n\nOpens the full-screen console in this terminal; it needs 80 columns and 24 lines.",
  version: "outrider version [--json]",
  licences: `outrider licences [--json]

Prints the notices of Outrider and of all that it contains: npm packages, Node, and where each Debian package has its
own. They are the file licences.txt beside the programs.`,
};

/** A line for each option of a topic, as its setting declares it; `network` sets the host name too. */
function optionLines(topic: Topic, wanted: (known: KnownOption) => boolean = () => true): string {
  const own = knownOptions.filter(
    (known) =>
      known.prefix === "" &&
      (known.topic === topic || (topic === "network" && known.field?.form === "network")) &&
      wanted(known),
  );
  const lines = columns(
    own.map(({ option: { name, value = "", help } }) => [`  --${name} ${value}`.trimEnd(), help]),
  );
  return lines.join("\n");
}

export function helpText(topic: string | undefined): string {
  if (topic === undefined) return overview;
  const text = Object.hasOwn(topics, topic) ? topics[topic] : undefined;
  if (text === undefined) throw new UsageError(`there is no verb '${topic}'`);
  return text;
}
