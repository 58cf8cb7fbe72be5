import { captureKinds, captureSeconds, recordTypes } from "../configd/api/tool-names.ts";

const fromOption =
  "  --from lan|wan   the side whose packets are tried; unnamed, the one that calls home";
const end =
  "Ctrl-C has it answer with what it has found until then. Ends with 5 when something failed.";

/** The help pages of the operator's tools. */
export const toolTopics: Readonly<Record<string, string>> = {
  ping: `outrider ping NAME|ADDRESS [--from lan|wan] [--json]

Four pings: how many were answered, how fast, and who said no.

${fromOption}

${end}`,
  lookup: `outrider lookup NAME|ADDRESS [--type TYPE] [--server ADDRESS] [--from lan|wan] [--json]

What each DNS server of a side says of a name, compared. An address is looked up backwards.

  --type TYPE      ${recordTypes.join(", ")}
  --server ADDRESS only this DNS server
${fromOption}

${end}`,
  trace: `outrider trace NAME|ADDRESS [--port PORT] [--from lan|wan] [--json]

The routers on the way of TCP connections to a port, and which of them says no.

  --port PORT      443 unless named
${fromOption}

${end}`,
  tls: `outrider tls NAME|ADDRESS [--port PORT] [--direct] [--from lan|wan] [--json]

Goes to a host as the agent goes to the platform, through the proxy too, and shows what TLS has there: version, cipher, key agreement,
and the certificates with issuer, dates, key, signature and fingerprint.

  --port PORT      443 unless named
  --direct         not through the proxy of the settings
${fromOption}

${end}`,
  capture: `outrider capture [--only KIND] [--host ADDRESS] [--seconds SECONDS] [--from lan|wan] [--json]

Packets of one side for the next support bundle; also in /run/outrider/captures until the next restart. Contents are cut off
before anything is written, so that no password is in the file: headers stay, and ARP, DNS, DHCP, time and the hellos of TLS.

  --only KIND      ${captureKinds.join(", ")}
  --host ADDRESS   only packets from and to this address
  --seconds N      ${captureSeconds.least} to ${captureSeconds.most}; ${captureSeconds.usual} unless named
${fromOption}

${end}`,
};
