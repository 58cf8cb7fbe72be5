import { fact } from "../base/messages/facts.ts";
import type { ToolAnswer } from "../configd/api/tool-shapes.ts";
import type { ToolOutput, ToolTask } from "../configd/api/tool-task.ts";
import type { DescribedMachine } from "./described-machine.ts";

/** What the operator's tools find on a described machine's network. No packet leaves. */
export function describedOutput(
  { request, servers }: ToolTask,
  { gateways, dnsServers }: DescribedMachine["surroundings"],
): ToolOutput {
  const [gateway = "192.0.2.1"] = gateways;
  const [server = "192.0.2.1"] = servers.length > 0 ? servers : dnsServers;
  const address = (host: string) => (/^[\d.:a-f]+$/i.test(host) ? host : "198.51.100.10");
  const good = (answer: Pick<ToolAnswer, "verdict" | "lines">, capture: string | null = null) => ({
    answer: { outcome: "ok" as const, code: null, contacted: [], ...answer },
    capture,
  });
  switch (request.tool) {
    case "ping":
      return good({
        verdict: [fact("ping-counts", { answered: 4, sent: 4, milliseconds: 0.5 })],
        lines: [1, 2, 3, 4].map((sequence) => [
          fact("ping-reply", {
            sequence,
            address: address(request.target),
            milliseconds: 0.5,
            hops: 64,
          }),
        ]),
      });
    case "trace":
      return good({
        verdict: [
          fact("trace-open", {
            address: address(request.target),
            port: request.port,
            number: 2,
            milliseconds: 3.1,
          }),
        ],
        lines: [
          [fact("hop", { number: 1, address: gateway, milliseconds: 0.4 })],
          [
            fact("hop-end", {
              number: 2,
              address: address(request.target),
              milliseconds: 3.1,
              end: "SYN,ACK",
            }),
          ],
        ],
      });
    case "look-up":
      return good({
        verdict: [
          fact("look-up-one", {
            name: request.target,
            records: "198.51.100.10",
            server,
            milliseconds: 3,
          }),
        ],
        lines: [
          [fact("look-up-server", { server, milliseconds: 3 })],
          [fact("dns-record-ttl", { type: "A", text: "198.51.100.10", ttl: 300 })],
        ],
      });
    case "tls":
      return good({
        verdict: [
          fact("tls-shown", {
            host: request.target,
            issuer: "Example CA",
            until: "2030-01-01",
            protocol: "TLSv1.3",
            group: "X25519MLKEM768",
          }),
        ],
        lines: [
          [
            fact("tls-agreed-group", {
              protocol: "TLSv1.3",
              cipher: "TLS_AES_256_GCM_SHA384",
              group: "X25519MLKEM768",
            }),
          ],
          [fact("certificate-of", { number: 1, subject: request.target, issuer: "Example CA" })],
        ],
      });
    case "capture":
      return good(
        {
          verdict: [fact("capture-done", { packets: 12, seconds: request.seconds, kilobytes: 1 })],
          lines: [[fact("capture-kinds", { tcp: 8, udp: 2, icmp: 0, arp: 2, other: 0 })]],
        },
        emptyCapture,
      );
  }
}

/** The header of a file of pcap-savefile(5) for Ethernet, without a packet. */
const emptyCapture = Buffer.from(
  "d4c3b2a10200040000000000000000004006000001000000",
  "hex",
).toString("base64");
