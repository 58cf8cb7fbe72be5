import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { validators } from "../../src/protocol/validators.ts";
import { readAll } from "../../src/scan/engine.ts";
import { readNmapXml } from "../../src/scan/nmap/xml.ts";
import { nmapXmlLimits } from "../../src/scan/nmap/xml-limits.ts";

const realFiles = join(import.meta.dirname, "../../../shared/data/nmap-xml");
const files = existsSync(realFiles)
  ? readdirSync(realFiles).filter((name) => name.endsWith(".xml"))
  : [];
const readWhole = async (...given: Parameters<typeof readNmapXml>) => {
  const { hosts, run } = await readAll(readNmapXml(...given));
  return { ...run, hosts };
};
const read = (text: string, limits = nmapXmlLimits) => readWhole([Buffer.from(text)], limits);

const sample = `<?xml version="1.0"?><!DOCTYPE nmaprun><nmaprun version="7.93"><target specification="192.0.2.300" status="skipped" reason="invalid"/>
<host><status state="up" reason="arp-response"/><address addr="192.0.2.10" addrtype="ipv4"/><address addr="52:54:00:12:34:56" addrtype="mac" vendor="QEMU"/>
<hostnames><hostname name="web.example.org" type="PTR"/></hostnames><ports><extraports state="closed" count="98"/>
<port protocol="tcp" portid="443"><state state="open" reason="syn-ack"/><service name="http" product="nginx" version="1.22.1" tunnel="ssl" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port>
<port protocol="tcp" portid="22"><state state="filtered" reason="no-response"/></port></ports></host>
<host><status state="down" reason="no-response"/><address addr="192.0.2.11" addrtype="ipv4"/></host>
<host timedout="true"><status state="up" reason="arp-response"/><address addr="192.0.2.12" addrtype="ipv4"/></host>
<runstats><finished time="1" exit="success"/><hosts up="2" down="1" total="3"/></runstats></nmaprun>`;

test("hosts, ports, services and skipped targets are read", async (t) => {
  const run = await read(sample);
  t.is(run.problem, null);
  t.true(run.complete);
  t.deepEqual(run.finished, { exit: "success", errorMessage: "", up: 2, down: 1, total: 3 });
  t.deepEqual(run.skippedTargets, ["192.0.2.300"]);
  t.deepEqual(run.hosts, [
    {
      address: "192.0.2.10",
      macAddress: "52:54:00:12:34:56",
      macVendor: "QEMU",
      hostnames: ["web.example.org"],
      reason: "arp-response",
      timedOut: false,
      ports: [
        {
          protocol: "tcp",
          number: 443,
          state: "open",
          reason: "syn-ack",
          service: {
            name: "http",
            product: "nginx",
            version: "1.22.1",
            tunnel: "ssl",
            method: "probed",
            confidence: 10,
            cpe: ["cpe:/a:igor_sysoev:nginx:1.22.1"],
          },
        },
        { protocol: "tcp", number: 22, state: "filtered", reason: "no-response" },
      ],
    },
    { address: "192.0.2.12", hostnames: [], reason: "arp-response", timedOut: true, ports: [] },
  ]);
});

test("a file that was cut keeps its whole hosts and is not complete", async (t) => {
  const run = await read(sample.slice(0, sample.indexOf("192.0.2.12")));
  t.is(run.hosts.length, 1);
  t.false(run.complete);
  t.is(run.finished, null);
  t.truthy(run.problem);
});

test("what XML 1.0 forbids costs the character and not the file, wherever the chunks are cut", async (t) => {
  // As nmap 7.94 wrote the service of port 445 (nmap issue 2657), and what other engines' banners have.
  for (const bad of ["&#x1b;", "&#27;", "&#0;", "&#xFFFF;", "&#xD800;", "\u0001", "\uffff", "\0"]) {
    const text = sample.replace('product="nginx"', `product="ng${bad}x"`);
    const bytes = Buffer.from(text);
    for (const cut of [
      bytes.length,
      ...Array.from({ length: 9 }, (_, at) => bytes.indexOf("product=") + 8 + at),
    ]) {
      const run = await readWhole([bytes.subarray(0, cut), bytes.subarray(cut)]);
      t.is(run.problem, null, JSON.stringify(bad));
      t.is(run.hosts.length, 2);
      t.is(run.hosts[0]?.ports[0]?.service?.product, "ng\ufffdx");
    }
  }
});

test("an attribute that is there twice, and a host without a status, cost nothing else", async (t) => {
  const twice = await read(sample.replace('product="nginx"', 'product="a" product="nginx"'));
  t.is(twice.problem, null);
  t.is(twice.hosts.length, 2);
  const [host] = (await read(sample.replace(/<status state="up" reason="arp-response"\/>/, "")))
    .hosts;
  t.is(host?.address, "192.0.2.10");
});

test("a port that is there twice counts once, as it was told last", async (t) => {
  const port = (state: string) =>
    `<port protocol="tcp" portid="80"><state state="${state}" reason="x"/></port>`;
  const other = port("open").replace("tcp", "udp");
  const run = await read(
    sample.replace("<extraports", `${port("filtered")}${other}${port("open")}<extraports`),
  );
  t.is(run.problem, null);
  t.deepEqual(
    run.hosts[0]?.ports.map(({ protocol, number, state }) => `${protocol} ${number} ${state}`),
    ["tcp 80 open", "udp 80 open", "tcp 443 open", "tcp 22 filtered"],
  );
});

test("UTF-16 and declared encodings are read", async (t) => {
  const swapped = Buffer.from(`\ufeff${sample}`, "utf16le").swap16();
  t.is((await readWhole([swapped])).hosts.length, 2);
  t.is((await readWhole([Buffer.from(`\ufeff${sample}`, "utf16le")])).hosts.length, 2);
  const latin = sample
    .replace('version="1.0"', 'version="1.0" encoding="ISO-8859-1"')
    .replace('product="nginx"', 'product="Gerät"');
  const { hosts } = await readWhole([Buffer.from(latin, "latin1")]);
  t.is(hosts[0]?.ports[0]?.service?.product, "Gerät");
});

test("texts that hide or turn others are made visible, and no pair is split", async (t) => {
  const product = `a\u202eb\u200bc\u2028d${"\u{1f600}".repeat(150)}`;
  const { hosts } = await read(sample.replace('product="nginx"', `product="${product}"`));
  const seen = hosts[0]?.ports[0]?.service?.product ?? "";
  t.true(seen.startsWith("a?b?c?d"));
  t.true(seen.isWellFormed());
});

test("entities of a document type are not expanded", async (t) => {
  const run = await read(
    '<?xml version="1.0"?><!DOCTYPE n [<!ENTITY x SYSTEM "file:///etc/passwd">]><nmaprun version="&x;"></nmaprun>',
  );
  t.not(run.problem, null);
  t.false(run.complete);
});

test("size, depth, attribute length and number of hosts are bounded", async (t) => {
  const small = {
    bytes: 5000,
    depth: 5,
    attributeLength: 100,
    attributes: 5,
    tagLength: 1000,
    hosts: 2,
    ports: 3,
  };
  t.regex((await read(`<nmaprun>${" ".repeat(6000)}</nmaprun>`, small)).problem ?? "", /bytes/);
  t.regex((await read(`<nmaprun>${"<a>".repeat(10)}`, small)).problem ?? "", /levels/);
  t.regex((await read(`<nmaprun args="${"x".repeat(200)}"/>`, small)).problem ?? "", /attribute/);
  t.regex(
    (await read(`<nmaprun ${"abcdef".replace(/./g, ' $&="1"')}/>`, small)).problem ?? "",
    /attributes/,
  );
  const inPieces = Array.from("x".repeat(40), (each) => Buffer.from(each.repeat(50)));
  const endless = await readWhole([Buffer.from('<nmaprun args="'), ...inPieces], small);
  t.regex(endless.problem ?? "", /tag or text/);
  const port = '<port protocol="tcp" portid="1"><state state="open"/></port>';
  t.regex((await read(`<nmaprun><host><ports>${port.repeat(4)}`, small)).problem ?? "", /ports/);
  const host = '<host><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/></host>';
  const run = await read(`<nmaprun>${host.repeat(4)}</nmaprun>`, small);
  t.regex(run.problem ?? "", /hosts/);
  t.is(run.hosts.length, 2);
});

test("any text, any cut and any flipped byte end without an exception and within the protocol", async (t) => {
  const whole = Buffer.from(sample);
  const damaged = fc
    .tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(whole.length))
    .map(([at, byte, cut]) => {
      const copy = Buffer.from(whole);
      copy[at] = byte;
      return copy.subarray(0, cut);
    });
  const tags = fc
    .array(
      fc.constantFrom(
        "<nmaprun>",
        "<host>",
        "</host>",
        '<address addr="x"/>',
        "<ports>",
        '<port portid="-1">',
        "</port>",
        "<cpe>",
        "&#0;",
        "]]>",
        "<!--",
      ),
      { maxLength: 40 },
    )
    .map((parts) => Buffer.from(parts.join("")));
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged, tags, fc.uint8Array({ maxLength: 300 })), async (bytes) => {
      const run = await readWhole([
        bytes.subarray(0, bytes.length >> 1),
        bytes.subarray(bytes.length >> 1),
      ]);
      const part = {
        jobId: "00000000-0000-4000-8000-000000000000",
        attempt: 1,
        number: 0,
        hosts: run.hosts,
      };
      const checked = validators.ResultPart(part);
      t.true(checked.valid, JSON.stringify(checked));
    }),
    { numRuns: 400 },
  );
});

if (files.length === 0)
  test.skip("real nmap files of ../shared/data/nmap-xml are read", () => undefined);
for (const name of files) {
  test(`real nmap file ${name} is read whole`, async (t) => {
    const path = join(realFiles, name);
    const run = await readWhole(createReadStream(path));
    t.is(run.problem, null);
    t.true(run.complete);
    const text = readFileSync(path, "utf8");
    const up = text
      .split("<host ")
      .slice(1)
      .filter((host) => /<status state="up"/.test(host));
    t.is(run.hosts.length, up.length);
    t.is(String(run.finished?.up), /<hosts up="(\d+)"/.exec(text)?.[1] ?? "");
    const open = (host: string) => (host.match(/<state state="open"/g) ?? []).length;
    t.deepEqual(
      run.hosts.map(({ ports }) => ports.filter(({ state }) => state === "open").length),
      up.map(open),
    );
    t.true(
      validators.ResultPart({
        jobId: "00000000-0000-4000-8000-000000000000",
        attempt: 1,
        number: 0,
        hosts: run.hosts,
      }).valid,
    );
  });
}
