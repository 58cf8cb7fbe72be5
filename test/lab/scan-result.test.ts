import { labTest, openEnrolledLab, openPorts, targets } from "../testkit/lab/lab.ts";

/**
 * nmap's own normal output, read independently of the product: `80/tcp open  http    syn-ack ttl 64
 * nginx 1.26.3`.
 */
function readNormalOutput(text: string): string[] {
  const found: string[] = [];
  let address = "";
  for (const line of text.split("\n")) {
    address = /^Nmap scan report for (\S+)$/.exec(line)?.[1] ?? address;
    const port = /^(\d+\/tcp) +open +(\S+) *(.*)$/.exec(line);
    if (port !== null) found.push(`${address} ${port[1]} ${port[2]} ${port[3] ?? ""}`.trim());
  }
  return found.sort();
}

labTest(
  "the platform's stored result is what nmap, run directly on the same targets, says",
  async (t) => {
    t.timeout(600_000);
    const { operator, applianceId, exec, appliance } = await openEnrolledLab(t);
    const scan = await operator.startScan({
      applianceId,
      name: "Three services",
      targets,
      ports: "all",
    });
    const ended = await operator.waitForScanEnd(scan.id, 400_000);
    t.is(ended.state, "completed", JSON.stringify(ended.completion));
    const hosts = await operator.hosts(scan.id);

    const { stdout: readers } = await appliance.exec([
      "journalctl",
      "--quiet",
      "--output=cat",
      "--unit=outrider-reader@*",
    ]);
    t.regex(readers, /^Started outrider-reader@/m);
    t.notRegex(readers, /failed|error/i);

    const { stdout } = await exec(
      "station",
      ["nmap", "-n", "-Pn", "-sS", "-sV", "-p-", "-T4", "--min-rate", "2000", ...targets],
      { timeoutMs: 300_000 },
    );
    const direct = readNormalOutput(stdout);
    t.is(direct.length, 3);
    // Normal output puts product, version and extra information into one text.
    const stored = openPorts(hosts);
    t.is(stored.length, direct.length);
    for (const [index, line] of stored.entries())
      t.true((direct[index] ?? "").startsWith(line.trim()), `${direct[index]} against ${line}`);

    t.deepEqual(
      hosts.map(({ address, macAddress }) => `${address} ${macAddress?.toLowerCase()}`).sort(),
      [
        "192.0.2.10 02:00:c0:00:02:0a",
        "192.0.2.11 02:00:c0:00:02:0b",
        "192.0.2.12 02:00:c0:00:02:0c",
      ],
    );
    t.regex(stored.join("\n"), /nginx \d.*\n.*OpenSSH \d.*\n.*Redis/s);
  },
);

labTest("addresses that are excluded get no packet", async (t) => {
  t.timeout(600_000);
  const { operator, applianceId, namespaces } = await openEnrolledLab(t);
  const counter = `
table inet count {
  chain input {
    type filter hook input priority 0;
    ip saddr 192.0.2.100-192.0.2.199 counter
  }
}`;
  for (const host of ["web", "ssh"])
    await namespaces.runPeer(["nft", "-f", "-"], { host, input: counter });
  const packets = async (host: string) =>
    Number(
      /packets (\d+)/.exec(
        (await namespaces.runPeer(["nft", "list", "ruleset"], { host })).stdout,
      )?.[1],
    );
  const scan = await operator.startScan({
    applianceId,
    name: "Not the web server",
    targets: ["192.0.2.10-192.0.2.11"],
    exclusions: ["192.0.2.10"],
    ports: "top-100",
  });
  t.is((await operator.waitForScanEnd(scan.id)).state, "completed");
  t.is(await packets("web"), 0);
  t.true((await packets("ssh")) > 0);
  t.deepEqual(
    (await operator.hosts(scan.id)).map(({ address }) => address),
    ["192.0.2.11"],
  );
});
