import test from "ava";
import { describeFacts } from "../../src/base/messages/facts.ts";
import type { RecordType } from "../../src/configd/api/tool-names.ts";
import { askServer, type ServerAnswer } from "../../src/tools/look-up/ask-server.ts";
import { judgeLookUp } from "../../src/tools/look-up/look-up.ts";
import { startDnsServer, wireName } from "../testkit/dns-server.ts";

const signal = new AbortController().signal;
const address = (text: string) => ({ data: Buffer.from(text.split(".").map(Number)) });
const numbers = (...all: number[]) =>
  Buffer.concat(
    all.map((each) => {
      const word = Buffer.alloc(2);
      word.writeUInt16BE(each);
      return word;
    }),
  );
const long = (...all: number[]) =>
  Buffer.concat(
    all.map((each) => {
      const word = Buffer.alloc(4);
      word.writeUInt32BE(each);
      return word;
    }),
  );
const text = (...parts: string[]) =>
  Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length]), Buffer.from(part)]));

test("each type of record is asked for, and told as people read it", async (t) => {
  const port = await startDnsServer(t, {
    "a.test A": [address("192.0.2.81"), address("192.0.2.80")],
    "a.test AAAA": [{ data: Buffer.from("20010db8000000000000000000000080", "hex"), ttl: 60 }],
    "a.test MX": [{ data: Buffer.concat([numbers(10), wireName("mail.a.test")]) }],
    "a.test TXT": [{ data: text("v=spf1 ", "-all") }],
    "a.test NS": [{ data: wireName("ns.a.test") }],
    "a.test SOA": [
      {
        data: Buffer.concat([wireName("ns.a.test"), wireName("root.a.test"), long(7, 1, 2, 3, 4)]),
      },
    ],
    "a.test CAA": [
      { data: Buffer.concat([Buffer.from([0]), text("issue"), Buffer.from("ca.test")]) },
    ],
    "www.a.test CNAME": [{ data: wireName("a.test") }],
    "_ldap._tcp.a.test SRV": [{ data: Buffer.concat([numbers(0, 5, 389), wireName("dc.a.test")]) }],
    "80.2.0.192.in-addr.arpa PTR": [{ data: wireName("a.test") }],
  });
  const ask = async (name: string, type: RecordType) => {
    const { outcome, records, said } = await askServer("127.0.0.1", { name, type }, signal, port);
    return outcome === "found"
      ? records.map((each) => each.text).join(" | ")
      : `${outcome} ${said}`;
  };
  t.is(await ask("a.test", "A"), "192.0.2.80 | 192.0.2.81");
  t.is(await ask("a.test", "AAAA"), "2001:db8::80");
  t.is(await ask("a.test", "address"), "192.0.2.80 | 192.0.2.81 | 2001:db8::80");
  t.is(await ask("a.test", "MX"), "10 mail.a.test");
  t.is(await ask("a.test", "TXT"), '"v=spf1 -all"');
  t.is(await ask("a.test", "NS"), "ns.a.test");
  t.is(await ask("a.test", "SOA"), "ns.a.test root.a.test 7 1 2 3 4");
  t.regex(await ask("a.test", "CAA"), /issue "ca\.test"/);
  t.is(await ask("www.a.test", "CNAME"), "a.test");
  t.is(await ask("_ldap._tcp.a.test", "SRV"), "0 5 389 dc.a.test");
  t.is(await ask("192.0.2.80", "PTR"), "a.test");
  t.is(await ask("nobody.test", "A"), "no-name NOTFOUND");
});

test("no name, no record, a refusal and silence are told apart", async (t) => {
  const port = await startDnsServer(t, {
    "empty.test A": [],
    "empty.test AAAA": [],
    "bad.test A": 2,
    "bad.test AAAA": 2,
    "half.test A": 5,
    "half.test AAAA": [],
    "silent.test MX": null,
  });
  const outcome = async (name: string, type: RecordType) =>
    (await askServer("127.0.0.1", { name, type }, signal, port)).outcome;
  t.is(await outcome("nobody.test", "address"), "no-name");
  t.is(await outcome("empty.test", "address"), "no-record");
  t.is(await outcome("bad.test", "address"), "refused");
  t.is(await outcome("half.test", "address"), "refused", "the other half may have been there");
  const stop = new AbortController();
  const asked = askServer("127.0.0.1", { name: "silent.test", type: "MX" }, stop.signal, port);
  stop.abort();
  t.is((await asked).outcome, "silent");
});

test("a hostile text in a record cannot act on a terminal", async (t) => {
  const port = await startDnsServer(t, {
    "a.test TXT": [{ data: text("\u001b[2J\u0007\u202e", "x".repeat(255)) }],
  });
  const { records } = await askServer("127.0.0.1", { name: "a.test", type: "TXT" }, signal, port);
  t.notRegex(records[0]?.text ?? "", /[\u0000-\u001f\u007f-\u009f\u202e]/);
  t.true((records[0]?.text.length ?? 0) <= 200);
});

const found = (server: string, ...texts: string[]): ServerAnswer => ({
  server,
  milliseconds: 3,
  outcome: "found",
  said: "",
  records: texts.map((each) => ({ type: "A", text: each, ttl: 300 })),
});
const failed = (server: string, outcome: ServerAnswer["outcome"], said = ""): ServerAnswer => ({
  server,
  milliseconds: 3,
  outcome,
  said,
  records: [],
});
const verdict = (...answers: ServerAnswer[]) => {
  const { outcome, code, verdict: facts } = judgeLookUp("a.test", "address", answers);
  return `${outcome} ${code}: ${describeFacts(facts)}`;
};

test("what several DNS servers say is compared", (t) => {
  t.is(
    verdict(found("192.0.2.1", "192.0.2.80")),
    "ok null: a.test is 192.0.2.80, says 192.0.2.1, 3 ms",
  );
  t.is(
    verdict(found("192.0.2.1", "192.0.2.80"), found("192.0.2.2", "192.0.2.80")),
    "ok null: a.test is 192.0.2.80, say all 2 DNS servers",
  );
  t.is(
    verdict(found("192.0.2.1", "192.0.2.80"), found("192.0.2.2", "192.0.2.81")),
    "warning look-up-differs: a.test is 192.0.2.80, says 192.0.2.1; a.test is 192.0.2.81, says 192.0.2.2",
  );
  t.is(
    verdict(found("192.0.2.1", "192.0.2.80"), failed("192.0.2.2", "silent", "TIMEOUT")),
    "warning dns-silent: a.test is 192.0.2.80, says 192.0.2.1; 192.0.2.2 does not answer",
  );
  t.is(
    verdict(failed("192.0.2.1", "no-name"), failed("192.0.2.2", "refused", "SERVFAIL")),
    "failed dns-refused: 192.0.2.1 says that there is no a.test; 192.0.2.2, asked for a.test: SERVFAIL",
  );
  t.is(
    verdict(failed("192.0.2.1", "no-record")),
    "failed look-up-no-record: 192.0.2.1 knows a.test, and no address of it",
  );
  t.regex(verdict(found("192.0.2.1", "0.0.0.0")), /^failed dns-blocked: /);
});
