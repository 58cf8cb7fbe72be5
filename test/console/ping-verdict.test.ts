import test from "ava";
import { pingVerdict } from "../../console/screens/tools/verdict.ts";

/** As nping 7.93 prints it. */
const answer = (sent: number, received: number, average: string) => [
  "Starting Nping 0.7.93 ( https://nmap.org/nping ) at 2026-11-23 04:13 UTC",
  "SENT (0.0192s) ICMP [192.0.2.185 > 192.0.2.1 Echo request (type=8/code=0) id=1 seq=1] IP [ttl=64]",
  `Max rtt: ${average} | Min rtt: ${average} | Avg rtt: ${average}`,
  `Raw packets sent: ${sent} (112B) | Rcvd: ${received} (184B) | Lost: ${sent - received} (0.00%)`,
];

for (const [title, lines, verdict] of [
  ["all answered", answer(4, 4, "0.049ms"), { sent: 4, answered: 4, average: "0.049ms" }],
  ["some were lost", answer(4, 1, "12.5ms"), { sent: 4, answered: 1, average: "12.5ms" }],
  ["none answered", answer(4, 0, "N/A"), { sent: 4, answered: 0, average: null }],
  ["it ended early", answer(4, 4, "1ms").slice(0, 2), null],
  ["another tool", ["traceroute to 192.0.2.1, 30 hops max", "1  192.0.2.1  0.3 ms"], null],
  ["no line", [], null],
] as const)
  test(`the counts of a ping: ${title}`, (t) => {
    t.deepEqual(pingVerdict(lines), verdict);
  });
