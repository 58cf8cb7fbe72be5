import { spawnSync } from "node:child_process";
import test from "ava";
import fc from "fast-check";
import { describeFacts } from "../../src/base/messages/facts.ts";
import { captureKinds } from "../../src/configd/api/tool-names.ts";
import { captureFilter, judgeCapture } from "../../src/tools/capture/capture.ts";
import { keptLength } from "../../src/tools/capture/kept-length.ts";
import { helloLength } from "../../src/tools/capture/kept-tcp.ts";
import { CaptureFilter, NotPcap } from "../../src/tools/capture/pcap.ts";
import { Tally } from "../../src/tools/capture/tally.ts";
import {
  arpPacket,
  ethernet,
  fragment6,
  icmpQuote,
  icmpQuote6,
  ipv4,
  ipv6,
  pcapFile,
  pcapRecord,
  tcp,
  udp,
} from "../testkit/packets.ts";

const kept = (packet: Uint8Array) =>
  Buffer.from(packet.subarray(0, keptLength(packet, new Tally())));

/** Logins at a proxy, as they are on the wire. */
const password = "pass word:with/signs";
const base64 = Buffer.from(`appliance:${password}`).toString("base64");
const logins: Readonly<Record<string, Buffer>> = {
  "Basic (RFC 7617)": Buffer.from(
    `CONNECT platform.example.org:443 HTTP/1.1\r\nHost: platform.example.org:443\r\nProxy-Authorization: Basic ${base64}\r\n\r\n`,
  ),
  "SOCKS5 (RFC 1929)": Buffer.concat([
    Buffer.from([1, 9]),
    Buffer.from("appliance"),
    Buffer.from([password.length]),
    Buffer.from(password),
  ]),
  "Digest (RFC 7616)": Buffer.from(
    `CONNECT a:443 HTTP/1.1\r\nProxy-Authorization: Digest username="appliance", response="${password}"\r\n\r\n`,
  ),
  NTLM: Buffer.from(
    `CONNECT a:443 HTTP/1.1\r\nProxy-Authorization: NTLM TlRMTVNTUAADAAAA${base64}\r\n\r\n`,
  ),
  "Kerberos, AS-REQ": Buffer.concat([
    Buffer.from([0, 0, 0, 200, 0x6a, 0x81]),
    Buffer.from(password),
  ]),
  "a PAC file's address with a token": Buffer.from(
    `GET /proxy.pac?token=${base64} HTTP/1.1\r\n\r\n`,
  ),
};
const hello = Buffer.concat([
  Buffer.from([22, 3, 1, 0, 40, 1, 0, 0, 36, 3, 3]),
  Buffer.alloc(34, 7),
]);

const has = (packet: Buffer, login: Buffer) =>
  packet.includes(password) ||
  packet.includes(base64.slice(0, 12)) ||
  (login.length > 20 && packet.includes(login.subarray(-20)));

for (const [name, login] of Object.entries(logins))
  test(`nothing of a login is kept, in whatever it is wrapped: ${name}`, (t) => {
    const segment = tcp(40_000, 3128, login);
    const lower = tcp(3128, 40_000, login);
    const wrapped: Record<string, Buffer> = {
      "over IPv4": ethernet(0x0800, ipv4(6, segment)),
      "back over IPv4": ethernet(0x0800, ipv4(6, lower)),
      "over IPv6": ethernet(0x86dd, ipv6(6, segment)),
      "behind extension headers": ethernet(
        0x86dd,
        ipv6(
          0,
          Buffer.concat([
            Buffer.from([60, 0, 1, 4, 0, 0, 0, 0]),
            Buffer.from([6, 0, 1, 4, 0, 0, 0, 0]),
            segment,
          ]),
        ),
      ),
      "in a VLAN": ethernet(0x0800, ipv4(6, segment), [7]),
      "in two VLANs": ethernet(0x86dd, ipv6(6, segment), [7, 8]),
      "in three VLANs": ethernet(0x0800, ipv4(6, segment), [7, 8, 9]),
      "a later fragment": ethernet(0x0800, ipv4(6, login, { fragment: 100 })),
      "a first fragment": ethernet(0x0800, ipv4(6, segment, { fragment: 0x2000 })),
      "a later fragment of IPv6": ethernet(0x86dd, fragment6(6, login, 800)),
      "quoted by a router": ethernet(0x0800, icmpQuote(3, ipv4(6, segment))),
      "quoted by a router of IPv6": ethernet(0x86dd, icmpQuote6(1, ipv6(6, segment))),
      "quoted as too big": ethernet(0x86dd, icmpQuote6(2, ipv6(6, segment))),
      "as padding behind a short packet": ethernet(
        0x0800,
        Buffer.concat([ipv4(6, tcp(1, 2, Buffer.alloc(0))), login]),
      ),
      "as padding behind ARP": ethernet(0x0806, Buffer.concat([arpPacket, login])),
      "as padding behind DNS": ethernet(
        0x0800,
        Buffer.concat([ipv4(17, udp(53, 40_000, Buffer.alloc(12))), login]),
      ),
      "in an echo request": ethernet(
        0x0800,
        ipv4(1, Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0, 0, 0]), login])),
      ),
      "in UDP": ethernet(0x0800, ipv4(17, udp(40_000, 88, login))),
      "in GRE": ethernet(0x0800, ipv4(47, login)),
      "in IPv4 in IPv4": ethernet(0x0800, ipv4(4, ipv4(6, segment))),
      "in PPPoE": ethernet(0x8863, login),
      "in EAPOL": ethernet(0x888e, login),
    };
    for (const [how, packet] of Object.entries(wrapped))
      t.false(has(kept(packet), login), `${name} ${how}`);
  });

test("a login cut into segments anywhere is not kept either", (t) => {
  for (const login of Object.values(logins))
    for (let at = 1; at < login.length; at++) {
      const segment = tcp(40_000, 3128, login.subarray(at));
      const packet = kept(ethernet(0x0800, ipv4(6, segment)));
      t.is(packet.length, 14 + 20 + 20);
    }
});

test("headers, hellos of TLS, DNS and ARP are kept", (t) => {
  const all = [
    ethernet(0x0800, ipv4(6, tcp(40_000, 443, Buffer.alloc(0), 2))),
    ethernet(0x0800, ipv4(6, tcp(40_000, 443, hello))),
    ethernet(0x86dd, ipv6(6, tcp(40_000, 3128, hello))),
    ethernet(0x0800, ipv4(17, udp(40_000, 53, Buffer.alloc(40, 1)))),
    ethernet(0x0800, ipv4(17, udp(68, 67, Buffer.alloc(300, 1)))),
    ethernet(0x0806, arpPacket),
  ];
  for (const packet of all) t.deepEqual(kept(packet), packet);
  // What follows a hello is encrypted, and no use.
  const more = Buffer.concat([hello, Buffer.from([23, 3, 3, 0, 20]), Buffer.alloc(20, 9)]);
  t.is(helloLength(more), hello.length);
  t.is(kept(ethernet(0x0800, ipv4(6, tcp(1, 443, more)))).length, 14 + 20 + 20 + hello.length);
});

test("a capture comes out the same in whatever pieces it comes in, and its packets are counted", (t) => {
  const packets = [
    ethernet(0x0800, ipv4(6, tcp(40_000, 3128, Buffer.alloc(0), 2))),
    ethernet(0x0800, ipv4(6, tcp(3128, 40_000, Buffer.alloc(0), 18))),
    ethernet(0x0800, ipv4(6, tcp(40_000, 3128, logins["Basic (RFC 7617)"] ?? Buffer.alloc(0)))),
    ethernet(0x0800, ipv4(6, tcp(40_000, 3128, hello))),
    ethernet(0x0800, ipv4(6, tcp(3128, 40_000, Buffer.alloc(0), 4))),
    ethernet(0x0800, ipv4(17, udp(40_000, 53, Buffer.alloc(12)))),
    ethernet(0x0806, arpPacket),
  ];
  for (const order of ["LE", "BE"] as const) {
    const file = pcapFile(packets, order);
    const whole = new CaptureFilter(1e6);
    whole.write(file);
    t.like(whole.tally, {
      packets: 7,
      cutPackets: 1,
      connectionsBegun: 1,
      connectionsAnswered: 1,
      connectionsReset: 1,
      dnsQuestions: 1,
      arp: 1,
    });
    t.false(whole.content().includes(base64));
    t.true(whole.content().includes(hello));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const filter = new CaptureFilter(1e6);
        for (let at = 0, turn = 0; at < file.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          filter.write(file.subarray(at, at + size));
          at += size;
        }
        t.deepEqual(filter.content(), whole.content());
      }),
      { numRuns: 30 },
    );
  }
});

test("a capture ends where it is full, at the end of a packet", (t) => {
  const packet = ethernet(0x0806, arpPacket);
  const filter = new CaptureFilter(24 + 3 * (16 + packet.length) + 10);
  filter.write(pcapFile(Array(10).fill(packet), "LE"));
  t.true(filter.isFull);
  t.is(filter.tally.packets, 3);
  t.is(filter.content().length, 24 + 3 * (16 + packet.length));
});

test("whatever comes, nothing but NotPcap is thrown, and no byte is kept that did not come", (t) => {
  const bytes = fc.uint8Array({ maxLength: 400 }).map((each) => Buffer.from(each));
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 5 }), fc.boolean(), (chunks, headed) => {
      const filter = new CaptureFilter(1000);
      try {
        if (headed) filter.write(pcapFile([], "LE"));
        for (const chunk of chunks) filter.write(chunk);
      } catch (error) {
        t.true(error instanceof NotPcap);
      }
      t.true(filter.content().length <= 1000);
    }),
  );
  fc.assert(
    fc.property(bytes, (packet) => {
      const length = keptLength(packet, new Tally());
      t.true(length >= 0 && length <= packet.length);
    }),
  );
  t.throws(() => new CaptureFilter(1e6).write(Buffer.alloc(24)), { instanceOf: NotPcap });
  const long = Buffer.concat([pcapFile([], "LE"), pcapRecord(Buffer.alloc(0), "LE", 70_000)]);
  t.throws(() => new CaptureFilter(1e6).write(long), { instanceOf: NotPcap });
});

test("what a capture has is told in a sentence, and that it has nothing", (t) => {
  const empty = judgeCapture(new Tally(), 24, 5, { isFull: false, dropped: 0 });
  t.like(empty, { outcome: "warning", code: "capture-empty" });
  const filter = new CaptureFilter(1e6);
  filter.write(pcapFile([ethernet(0x0806, arpPacket)], "LE"));
  const one = judgeCapture(filter.tally, 82, 5, { isFull: true, dropped: 2 });
  t.is(
    describeFacts(one.verdict),
    "1 packets in 5 s, 1 kB, are in the next support bundle; it ended because it was full",
  );
  t.regex(
    one.lines.map((line) => describeFacts(line)).join("\n"),
    /ARP 1[\s\S]*2 packets came too fast/,
  );
});

const tcpdump = spawnSync("tcpdump", ["--version"]).status === 0 ? test : test.skip;
tcpdump("each filter is one that tcpdump takes (skipped without tcpdump)", (t) => {
  for (const kind of captureKinds)
    for (const host of [undefined, "192.0.2.1", "2001:db8::1"]) {
      const filter = captureFilter(kind, host);
      const { status, stderr } = spawnSync("tcpdump", ["-y", "EN10MB", "-d", filter]);
      t.is(status, 0, `${filter}: ${stderr}`);
    }
});
