import { UsageError } from "./output.ts";

const overview = `outrider: look at and set up this appliance

  outrider status                    how it is: address, platform, services, scans
  outrider network show              the settings, and a change that is being tried
  outrider network try OPTIONS       try new settings; they go back by themselves after 120 s
  outrider network set OPTIONS       try new settings and keep them when the checks are as good as before
  outrider network keep              keep what is being tried
  outrider network revert            go back at once
  outrider network extend            120 s more
  outrider enrol URL [CODE]          give the appliance to a platform
  outrider doctor                    check the path to the platform, hop by hop
  outrider call                      have the agent call home now
  outrider power reboot|poweroff     restart or turn off the appliance
  outrider console                   the full-screen console, in this terminal
  outrider version                   the version of the software
  outrider help [VERB]               more about one of these

Every verb takes --json for programs and --socket PATH for another configuration service.

It ends with 0 when done, 1 when it failed, 2 when called wrongly, 3 when settings or a code were refused,
4 when the configuration service does not answer, 5 when checks failed.`;

const topics: Record<string, string> = {
  status: `outrider status [--json]

Shows the interfaces with their addresses, the platform and its services with the last contact, running scans, and whether
a settings change is being tried.`,
  network: `outrider network show [--json]
outrider network try|set OPTIONS [--json]
outrider network keep|revert|extend [--json]

  --dhcp                      address by DHCP
  --address ADDRESS/PREFIX    a static address, also as "192.0.2.10 255.255.255.0"
  --gateway ADDRESS           its gateway
  --dns ADDRESS[,ADDRESS]     DNS servers; empty for those of the lease
  --search DOMAIN[,DOMAIN]    search domains
  --nic MAC                   the network card, by its MAC address; empty for the first one
  --hostname NAME             the appliance's name
  --proxy HOST:PORT|none      the HTTP proxy on the way to the platform
  --proxy-user USER           its user (Basic); empty for no authentication
  --proxy-password            asks for the password, or reads one line from standard input

What is not named stays as it is. A change is tried first: it becomes active, the path is checked before and after, and without a
\`keep\` the old settings come back after 120 s, also when the connection to this shell is lost. \`set\` keeps by itself when
the checks reach all that they reached before, and goes back otherwise.`,
  enrol: `outrider enrol URL [CODE] [--json]

Gives the appliance to the platform at URL, as https://platform.example.org, with an activation code from the platform's page.
Without CODE it is asked for, or read from standard input, which keeps it out of the shell's history:

  outrider enrol https://platform.example.org < code.txt`,
  doctor: `outrider doctor [--only RUNG] [--json]

Checks link, address, gateway, DNS, proxy, TLS, each service of the platform and the clock. The first hop that fails is named with what to do.
With --only one kind of them is checked, as dns or proxy, or one of its lines, as service:health.
Ends with 5 when something failed.`,
  call: "outrider call\n\nHas the agent call home now instead of at the planned time.",
  power: "outrider power reboot|poweroff\n\nA scan that runs goes on after a restart.",
  console: "outrider console\n\nOpens the full-screen console in this terminal; it needs 80 columns and 24 lines.",
  version: "outrider version [--json]",
};

export function helpText(topic: string | undefined): string {
  if (topic === undefined) return overview;
  const text = Object.hasOwn(topics, topic) ? topics[topic] : undefined;
  if (text === undefined) throw new UsageError(`there is no verb '${topic}'`);
  return text;
}
