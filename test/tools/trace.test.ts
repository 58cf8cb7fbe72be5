import test from "ava";
import fc from "fast-check";
import { describeFacts } from "../../src/base/messages/facts.ts";
import type { ProgramRun } from "../../src/tools/program/run-program.ts";
import { readTrace } from "../../src/tools/trace/read-trace.ts";
import { judgeTrace } from "../../src/tools/trace/trace.ts";

/** As traceroute 2.1.2 and 2.1.6 printed it in network namespaces. */
const open = `traceroute to 203.0.113.2 (203.0.113.2), 20 hops max, 60 byte packets
 1  192.0.2.1  0.040 ms  0.003 ms
 2  198.51.100.2  0.014 ms  0.003 ms
 3  203.0.113.2 <syn,ack>  0.025 ms  0.005 ms
`;
const refused = open.replace("<syn,ack>", "<rst,ack>");
const prohibited = `traceroute to 203.0.113.2 (203.0.113.2), 20 hops max, 60 byte packets
 1  192.0.2.1  0.035 ms
 2  198.51.100.2  0.012 ms
 3  198.51.100.2  0.009 ms !X
`;
const prohibited6 = `traceroute to 2001:db8:3::2 (2001:db8:3::2), 30 hops max, 80 byte packets
 1  2001:db8:1::1  0.032 ms
 2  * 2001:db8:2::2  0.014 ms
 3  2001:db8:2::2  0.007 ms !X
`;
const silent = `traceroute to 203.0.113.2 (203.0.113.2), 8 hops max, 60 byte packets
 1  192.0.2.1  0.033 ms
 2  * *
 3  * *
 4  * *
`;
const looping = `traceroute to 10.255.1.1 (10.255.1.1), 30 hops max, 60 byte packets
${[1, 2, 3, 4, 5, 6].map((hop) => ` ${hop}  ${hop % 2 === 1 ? "192.0.2.1" : "198.51.100.2"}  0.041 ms`).join("\n")}
`;
const marked = (mark: string) => prohibited.replace("!X", mark);

const ran = (stdout: string, more: Partial<ProgramRun> = {}): ProgramRun => ({
  stdout,
  stderr: "",
  exitCode: 0,
  isCut: false,
  ...more,
});
const own = ["192.0.2.2/24"];
const verdictOf = (run: ProgramRun, address = "203.0.113.2") => {
  const { outcome, code, verdict } = judgeTrace({ address, port: 443 }, run, own);
  return `${outcome} ${code}: ${describeFacts(verdict)}`;
};

test("the way is open, refused at its end, or forbidden by a hop that is named", (t) => {
  t.is(verdictOf(ran(open)), "ok null: 203.0.113.2 takes connections to port 443: hop 3, 0.025 ms");
  t.is(
    verdictOf(ran(refused)),
    "failed trace-refused: 203.0.113.2 refused port 443: hop 3, 0.025 ms",
  );
  t.is(
    verdictOf(ran(prohibited)),
    "failed trace-prohibited: hop 3, 198.51.100.2, says that its rules forbid it",
  );
  t.regex(verdictOf(ran(prohibited6), "2001:db8:3::2"), /^failed trace-prohibited: hop 3, 2001:/);
  for (const mark of ["!9", "!10", "!13"])
    t.regex(verdictOf(ran(marked(mark))), /^failed trace-prohibited: /, mark);
  t.regex(verdictOf(ran(marked("!N"))), /^failed trace-unreachable: .* no way to that network/);
  t.regex(verdictOf(ran(marked("!H"))), /^failed trace-unreachable: .* does not answer there/);
  t.regex(verdictOf(ran(marked("!F-1400"))), /1400 bytes only/);
  t.regex(verdictOf(ran(marked("!42"))), /says !42/);
});

test("silence has its last hop, a circle its two routers, and a dead gateway its own name", (t) => {
  t.is(verdictOf(ran(silent)), "failed trace-silent: the last hop that answered is 1, 192.0.2.1");
  t.regex(verdictOf(ran(silent.replace("192.0.2.1  0.033 ms", "* *"))), /no hop answered/);
  t.is(
    verdictOf(ran(looping)),
    "failed trace-loop: 192.0.2.1 and 198.51.100.2 send the packets to each other",
  );
  const dead = ran(" 1  192.0.2.2  3000.1 ms !H\n");
  t.regex(verdictOf(dead), /^failed gateway-silent: /);
  t.regex(verdictOf(dead, "192.0.2.99"), /^failed ping-no-neighbour: /);
  t.regex(verdictOf(ran(silent, { isCut: true })), /^failed tool-stopped: the last hop/);
  t.regex(
    verdictOf(ran("", { stderr: "connect: Network is unreachable\n" })),
    /^failed no-route: /,
  );
});

test("the hops are listed, and silent ones at the end once", (t) => {
  const { lines } = judgeTrace({ address: "203.0.113.2", port: 443 }, ran(silent), own);
  t.deepEqual(
    lines.map((line) => describeFacts(line)),
    ["1. 192.0.2.1, 0.033 ms", "2. no answer"],
  );
  t.is(readTrace(prohibited6)[1]?.address, "2001:db8:2::2");
  // With what a peer offers of TCP's options.
  const offers = open.replace("<syn,ack>", "<syn,ack,mss=1460,sack,timestamps,window_scaling=7>");
  t.is(readTrace(offers)[2]?.flags, "syn,ack");
});

test("whatever traceroute prints, its hops have bounds", (t) => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(...open.split("\n"), ...prohibited6.split("\n"), ...looping.split("\n")),
    fc.tuple(fc.nat(99), fc.string()).map(([hop, text]) => ` ${hop}  ${text}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 300 }), (lines) => {
      const run = ran(lines.join("\n"), { isCut: true });
      t.true(readTrace(run.stdout).length <= 64);
      const answer = judgeTrace({ address: "203.0.113.2", port: 443 }, run, own);
      t.true(answer.lines.length <= 100);
      for (const each of answer.lines)
        t.notRegex(describeFacts(each) ?? "", /[\u0000-\u001f\u007f]/);
    }),
  );
});
