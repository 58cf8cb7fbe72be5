import test from "ava";
import fc from "fast-check";
import { describeFacts } from "../../src/base/messages/facts.ts";
import { judgePing } from "../../src/tools/ping/ping.ts";
import { readPing } from "../../src/tools/ping/read-ping.ts";
import type { ProgramRun } from "../../src/tools/program/run-program.ts";

/** As iputils-ping 20221126 and 20240905 printed it in network namespaces. */
const answered = `PING 203.0.113.2 (203.0.113.2) from 192.0.2.2 tl0: 56(84) bytes of data.
64 bytes from 203.0.113.2: icmp_seq=1 ttl=62 time=0.089 ms
64 bytes from 203.0.113.2: icmp_seq=2 ttl=62 time=0.071 ms
64 bytes from 203.0.113.2: icmp_seq=3 ttl=62 time=0.073 ms
64 bytes from 203.0.113.2: icmp_seq=4 ttl=62 time=0.074 ms

--- 203.0.113.2 ping statistics ---
4 packets transmitted, 4 received, 0% packet loss, time 1553ms
rtt min/avg/max/mdev = 0.071/0.076/0.089/0.007 ms
`;
const noNeighbour = `PING 192.0.2.99 (192.0.2.99) 56(84) bytes of data.
From 192.0.2.2 icmp_seq=1 Destination Host Unreachable
From 192.0.2.2 icmp_seq=2 Destination Host Unreachable
From 192.0.2.2 icmp_seq=3 Destination Host Unreachable
From 192.0.2.2 icmp_seq=4 Destination Host Unreachable

--- 192.0.2.99 ping statistics ---
4 packets transmitted, 0 received, +4 errors, 100% packet loss, time 2550ms
pipe 4
`;
const filtered = `PING 203.0.113.2 (203.0.113.2) 56(84) bytes of data.
From 198.51.100.2 icmp_seq=1 Packet filtered
From 198.51.100.2 icmp_seq=2 Packet filtered

--- 203.0.113.2 ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1021ms

`;
const filtered6 = `PING 2001:db8:3::2(2001:db8:3::2) 56 data bytes
From 2001:db8:2::2 icmp_seq=1 Destination unreachable: Administratively prohibited

--- 2001:db8:3::2 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
`;
const silent = `PING 192.0.2.99 (192.0.2.99) 56(84) bytes of data.

--- 192.0.2.99 ping statistics ---
4 packets transmitted, 0 received, 100% packet loss, time 1539ms

`;
const lossy = answered
  .replace(/^64 bytes.*icmp_seq=3.*\n/m, "")
  .replace("4 received, 0%", "3 received, 25%");
const doubled = answered
  .replace(
    "time=0.074 ms",
    "time=0.074 ms\n64 bytes from 203.0.113.2: icmp_seq=4 ttl=62 time=0.1 ms (DUP!)",
  )
  .replace("4 received,", "4 received, +1 duplicates,");

const ran = (stdout: string, more: Partial<ProgramRun> = {}): ProgramRun => ({
  stdout,
  stderr: "",
  exitCode: 0,
  isCut: false,
  ...more,
});
const own = ["192.0.2.2/24", "2001:db8:1::2/64"];
const verdictOf = (address: string, run: ProgramRun) => {
  const { outcome, code, verdict } = judgePing(address, run, own);
  return `${outcome} ${code}: ${describeFacts(verdict)}`;
};

test("a ping has its verdict in one line", (t) => {
  t.is(verdictOf("203.0.113.2", ran(answered)), "ok null: 4 of 4 answered, 0.076 ms");
  t.is(verdictOf("203.0.113.2", ran(lossy)), "warning ping-lossy: 3 of 4 answered, 0.076 ms");
  t.is(
    verdictOf("203.0.113.2", ran(doubled)),
    "warning ping-doubled: 4 of 4 answered, 0.076 ms; 1 answers came twice",
  );
});

test("who does not answer is told from who forbids it, and the gateway from the neighbour", (t) => {
  t.is(verdictOf("192.0.2.99", ran(silent)), "failed ping-silent: 0 of 4 answered by 192.0.2.99");
  t.regex(verdictOf("192.0.2.99", ran(noNeighbour)), /^failed ping-no-neighbour: /);
  t.regex(verdictOf("203.0.113.9", ran(noNeighbour)), /^failed gateway-silent: /);
  t.is(
    verdictOf("203.0.113.2", ran(filtered)),
    "failed ping-prohibited: 0 of 2 answered by 203.0.113.2; 198.51.100.2 said: Packet filtered",
  );
  t.regex(verdictOf("2001:db8:3::2", ran(filtered6)), /^failed ping-prohibited: /);
  const far = noNeighbour.replaceAll("From 192.0.2.2 ", "From 198.51.100.2 ");
  t.regex(verdictOf("203.0.113.77", ran(far)), /^failed ping-unreachable: .*198\.51\.100\.2 said/);
});

test("a router that names a better one refuses nothing", (t) => {
  const redirect = "From 192.0.2.1 icmp_seq=1 Redirect Host(New nexthop: 192.0.2.254)\n";
  const begin = `${silent.split("\n", 1)[0]}\n`;
  const alone = silent.replace(begin, `${begin}${redirect}`);
  t.regex(verdictOf("203.0.113.2", ran(alone)), /^failed ping-silent: .*Redirect Host/);
  const both = noNeighbour.replace("\n", `\n${redirect}`).replaceAll("192.0.2.2 ", "198.51.100.2 ");
  t.regex(verdictOf("203.0.113.77", ran(both)), /^failed ping-unreachable: /);
});

test("without a count of packets ping's own words are told", (t) => {
  const noRoute = ran("", { stderr: "ping: connect: Network is unreachable\n", exitCode: 2 });
  t.is(verdictOf("203.0.113.2", noRoute), "failed no-route: ping: connect: Network is unreachable");
  t.regex(verdictOf("203.0.113.2", ran("", { isCut: true })), /^failed tool-stopped: /);
  t.throws(() => judgePing("192.0.2.1", ran("", { stderr: "ping: \u001b[31mwhat" }), own), {
    message: /ping:/,
  });
  t.is(readPing("nothing of ping's"), null);
});

test("whatever ping prints, its report has bounds", (t) => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(...answered.split("\n"), ...noNeighbour.split("\n"), ...filtered6.split("\n")),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 600 }), (lines) => {
      const text = lines.join("\n");
      const report = readPing(text);
      if (report === null) return;
      t.true(report.replies.length <= 20 && report.refusals.length <= 8);
      const answer = judgePing("192.0.2.1", ran(text), own);
      t.true(answer.lines.length <= 100);
      for (const each of answer.lines)
        t.notRegex(describeFacts(each) ?? "", /[\u0000-\u001f\u007f]/);
    }),
  );
});
