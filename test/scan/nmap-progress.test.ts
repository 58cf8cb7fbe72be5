import test from "ava";
import fc from "fast-check";
import { validators } from "../../src/protocol/validators.ts";
import { readNmapProgress } from "../../src/scan/nmap/progress.ts";

const printed = `Starting Nmap 7.95 ( https://nmap.org ) at 2026-11-30 12:00 UTC
Initiating SYN Stealth Scan at 12:00
Scanning 2 hosts [1000 ports/host]
Discovered open port 22/tcp on 192.0.2.10
Discovered open port 443/tcp on 192.0.2.10
Discovered open port 161/udp on 192.0.2.11
Discovered open port 22/tcp on 2001:DB8::10
Discovered open port 99999/tcp on 192.0.2.12
Discovered open port 80/tcp on 192.0.2.300
Discovered open port 80/tcp on 192.0.2.13 and more
Discovered open port 8`;

const portsOf = async (chunks: Iterable<Uint8Array>) =>
  (await readNmapProgress(chunks)).map(({ address, ports, timedOut }) => [
    address,
    ports.map(({ number, protocol }) => `${number}/${protocol}`).join(" "),
    timedOut,
  ]);

test("the open ports that nmap printed before it was ended are known, in chunks of any size", async (t) => {
  const bytes = Buffer.from(printed);
  for (let size = 1; size < 40; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    t.deepEqual(await portsOf(chunks), [
      ["192.0.2.10", "22/tcp 443/tcp", true],
      ["192.0.2.11", "161/udp", true],
      ["2001:db8::10", "22/tcp", true],
    ]);
  }
});

test("a file that is missing or fails in the middle has what was read until then", async (t) => {
  const failing = async function* () {
    yield Buffer.from(printed);
    throw new Error("EIO");
  };
  t.is((await readNmapProgress(failing())).length, 3);
});

test("any bytes end without an exception and within the protocol", async (t) => {
  const lines = fc
    .array(
      fc.constantFrom(
        "Discovered open port ",
        "22/tcp on ",
        "192.0.2.1\n",
        "::1\n",
        "x".repeat(500),
        "\n",
        "65536/udp on ",
      ),
      { maxLength: 60 },
    )
    .map((texts) => Buffer.from(texts.join("")));
  await fc.assert(
    fc.asyncProperty(fc.oneof(lines, fc.uint8Array({ maxLength: 500 })), async (bytes) => {
      const hosts = await readNmapProgress([bytes]);
      t.true(
        validators.ResultPart({
          jobId: "00000000-0000-4000-8000-000000000000",
          attempt: 1,
          number: 0,
          hosts,
        }).valid,
      );
    }),
  );
});
