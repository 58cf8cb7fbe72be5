import { createSocket } from "node:dgram";
import test, { type ExecutionContext } from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fact, tellFacts } from "../../src/base/messages/facts.ts";
import { askDns } from "../../src/doctor/machine.ts";

/**
 * A DNS server on this machine that answers every question with this response code and, for 0, an
 * address; null is silence.
 */
async function dnsServer(t: ExecutionContext, responseCode: number | null): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (question, from) => {
    if (responseCode === null) return;
    const address =
      responseCode === 0
        ? Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 80])
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
    tellFacts([await askDns(await dnsServer(t, 0), "platform.outrider.test", signal)]),
    "platform.outrider.test is 192.0.2.80",
  );
});

test("a DNS server that does not know the name works", async (t) => {
  t.regex(
    tellFacts([await askDns(await dnsServer(t, 3), "platform.outrider.test", signal)]) ?? "",
    /^answers/,
  );
});

test("a DNS server that refuses and one that is silent have different codes", async (t) => {
  const refused = await t.throwsAsync(
    askDns(await dnsServer(t, 5), "platform.outrider.test", signal),
    { instanceOf: OutriderError },
  );
  t.is(refused?.code, "dns-refused");
  const failing = await t.throwsAsync(
    askDns(await dnsServer(t, 2), "platform.outrider.test", signal),
    { instanceOf: OutriderError },
  );
  t.is(failing?.code, "dns-refused");
  const silent = await t.throwsAsync(
    askDns(await dnsServer(t, null), "platform.outrider.test", signal),
    { instanceOf: OutriderError },
  );
  t.is(silent?.code, "dns-silent");
});

test("without a name, only silence is a fault of the DNS server", async (t) => {
  t.deepEqual(await askDns(await dnsServer(t, 5), null, signal), fact("dns-answers"));
  await t.throwsAsync(askDns(await dnsServer(t, null), null, signal), {
    instanceOf: OutriderError,
  });
});
