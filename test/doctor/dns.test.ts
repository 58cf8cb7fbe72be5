import { createSocket } from "node:dgram";
import test, { type ExecutionContext } from "ava";
import { bytesOfAddress, parseAddress } from "../../src/base/addresses/address.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { describeFacts, fact } from "../../src/base/messages/facts.ts";
import { askDns } from "../../src/doctor/machine.ts";
import { relayTo } from "../../src/transport/stages/dns-relay.ts";

/**
 * A DNS server on this machine that answers every question with this response code and, for 0, an
 * address; null is silence.
 */
async function dnsServer(
  t: ExecutionContext,
  responseCode: number | null,
  given = "192.0.2.80",
): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (question, from) => {
    if (responseCode === null) return;
    const address =
      responseCode === 0
        ? Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...given.split(".").map(Number)])
        : Buffer.alloc(0);
    // RFC 1035 section 4.1: the header with QR, RD and RA set, the question as it came, the answer.
    const questionEnd = question.indexOf(0, 12) + 5;
    const header = Buffer.from([
      0x81,
      0x80 | responseCode,
      0,
      1,
      0,
      responseCode === 0 ? 1 : 0,
      0,
      0,
      0,
      0,
    ]);
    socket.send(
      Buffer.concat([question.subarray(0, 2), header, question.subarray(12, questionEnd), address]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  t.teardown(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

const signal = new AbortController().signal;

test("a DNS server that knows the name answers with its address", async (t) => {
  t.is(
    describeFacts([await askDns(await dnsServer(t, 0), ["platform.outrider.test"], signal)]),
    "platform.outrider.test is 192.0.2.80",
  );
});

test("a DNS server that does not know the name works", async (t) => {
  t.regex(
    describeFacts([await askDns(await dnsServer(t, 3), ["platform.outrider.test"], signal)]) ?? "",
    /^answers/,
  );
});

for (const address of ["0.0.0.0", "127.0.0.1", "127.0.0.2", "255.255.255.255", "224.0.0.1"])
  test(`a DNS server that answers ${address} blocks the name`, async (t) => {
    const server = await dnsServer(t, 0, address);
    const error = await t.throwsAsync(askDns(server, ["platform.outrider.test"], signal), {
      instanceOf: OutriderError,
    });
    t.is(error?.code, "dns-blocked");
    t.is(error?.detail, `platform.outrider.test is ${address}, asked ${server}`);
  });

test("a DNS server that refuses and one that is silent have different codes", async (t) => {
  const refused = await t.throwsAsync(
    askDns(await dnsServer(t, 5), ["platform.outrider.test"], signal),
    { instanceOf: OutriderError },
  );
  t.is(refused?.code, "dns-refused");
  const failing = await t.throwsAsync(
    askDns(await dnsServer(t, 2), ["platform.outrider.test"], signal),
    { instanceOf: OutriderError },
  );
  t.is(failing?.code, "dns-refused");
  const silent = await t.throwsAsync(
    askDns(await dnsServer(t, null), ["platform.outrider.test"], signal),
    { instanceOf: OutriderError },
  );
  t.is(silent?.code, "dns-silent");
});

/** A DNS server that answers by the name and the type that it is asked for. */
async function namingServer(
  t: ExecutionContext,
  answers: Readonly<Record<string, string | number>>,
  type: "udp4" | "udp6" = "udp4",
): Promise<number> {
  const socket = createSocket(type);
  socket.on("message", (question, from) => {
    const end = question.indexOf(0, 12) + 5;
    const labels: string[] = [];
    for (let at = 12; question[at]; at += 1 + (question[at] ?? 0))
      labels.push(question.toString("latin1", at + 1, at + 1 + (question[at] ?? 0)));
    const kind = question.readUInt16BE(end - 4);
    const answer = answers[`${labels.join(".")} ${kind === 28 ? "AAAA" : "A"}`] ?? 3;
    const address = typeof answer === "number" ? null : parseAddress(answer);
    const data = address === null ? [] : bytesOfAddress(address);
    const record =
      data.length === 0 ? [] : [0xc0, 0x0c, 0, kind, 0, 1, 0, 0, 0, 60, 0, data.length, ...data];
    const code = typeof answer === "number" ? answer : 0;
    socket.send(
      Buffer.concat([
        question.subarray(0, 2),
        Buffer.from([0x81, 0x80 | code, 0, 1, 0, data.length === 0 ? 0 : 1, 0, 0, 0, 0]),
        question.subarray(12, end),
        Buffer.from(record),
      ]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve) =>
    socket.bind(0, type === "udp4" ? "127.0.0.1" : "::1", resolve),
  );
  t.teardown(() => socket.close());
  return socket.address().port;
}

test("a name is asked for in both families, and in the search domains", async (t) => {
  const ask = async (answers: Record<string, string | number>, ...names: string[]) =>
    describeFacts([await askDns(`127.0.0.1:${await namingServer(t, answers)}`, names, signal)]);
  t.is(await ask({ "p.test AAAA": "2001:db8::80" }, "p.test"), "p.test is 2001:db8::80");
  t.is(await ask({ "p.test A": "192.0.2.80" }, "p.test"), "p.test is 192.0.2.80");
  t.is(
    await ask({ "p.test A": "192.0.2.80", "p.test AAAA": "2001:db8::80" }, "p.test"),
    "p.test is 192.0.2.80, 2001:db8::80",
  );
  t.is(
    await ask({ "p.test A": 2, "p.test AAAA": "2001:db8::80" }, "p.test"),
    "p.test is 2001:db8::80",
    "a failing half does not count beside an answer",
  );
  t.is(
    await ask({ "proxy.corp.test A": "192.0.2.20" }, "proxy.corp.test", "proxy"),
    "proxy.corp.test is 192.0.2.20",
  );
  t.is(await ask({ "proxy A": "192.0.2.20" }, "proxy.corp.test", "proxy"), "proxy is 192.0.2.20");
  t.is(await ask({}, "p.test"), "answers, but has no address for p.test");
  const halfRefused = await t.throwsAsync(ask({ "p.test A": 2, "p.test AAAA": 0 }, "p.test"), {
    instanceOf: OutriderError,
  });
  t.is(halfRefused?.code, "dns-refused");
});

test("a DNS server with a zone is asked on its link", async (t) => {
  const port = await namingServer(t, { "p.test AAAA": "2001:db8::80" }, "udp6");
  const relay = await relayTo("::1%lo", port);
  t.teardown(() => relay.close());
  t.is(describeFacts([await askDns(relay.address, ["p.test"], signal)]), "p.test is 2001:db8::80");
});

test("without a name, only silence is a fault of the DNS server", async (t) => {
  t.deepEqual(await askDns(await dnsServer(t, 5), [], signal), fact("dns-answers"));
  await t.throwsAsync(askDns(await dnsServer(t, null), [], signal), {
    instanceOf: OutriderError,
  });
});
