export interface ConnectorRow {
  what: string;
  own: string;
  baseline: string;
  /** How many times as fast as the baseline. */
  ratio: number;
  aim: boolean;
}

export interface ConnectorRun {
  totalMiB: number;
  requestMiB: number;
  rounds: number;
  parts: number;
  atOnce: number;
  squid: boolean;
}

/** docs/measured/bench-connector.md */
export function connectorPage(
  rows: readonly ConnectorRow[],
  { totalMiB, requestMiB, rounds, parts, atOnce, squid }: ConnectorRun,
): string {
  const table = rows.map(
    ({ what, own, baseline, ratio, aim }) =>
      `| ${what} | ${own} | ${baseline} | ${ratio.toFixed(2)} | ${aim ? "at least 0.8" : ""} |`,
  );
  return `# The connector

Written by \`npm run bench:connector\`: uploads over TLS on the loopback to one server, a process of its own; the median of ${rounds} rounds that take turns,
after one that does not count. The ratio is how many times as fast as the baseline.

* *The connector alone*: ${totalMiB} MiB in one request, and in requests of ${requestMiB} MiB, one after the other, each answered. The server reads and drops them, as it does with the
  one upload of ${totalMiB} MiB by \`curl --upload-file\`.
* *Parts protocol, out of the spool*: ${parts} parts of 1 MB as scans leave them, up to ${atOnce} under way at once, each read from the disk, decrypted, hashed, signed, sent,
  answered with a receipt whose signature is checked, and taken out of the spool durably. The server gathers each part, checks its signature and digest, and signs the
  receipt; it does not store.
* *curl, the same parts*: one request a part, up to ${atOnce} at once, to the same address, each with a signature that was made beforehand: the server's work is the same. curl reads the
  parts as plain files; it signs nothing, checks no receipt and removes nothing. It shows what the server leaves to who
  does nothing but send. The time to start the program is taken off.

The one upload asks of the server nothing but to decrypt; a part asks it for a SHA-256 of all that came, and two signatures. That much of the distance between the
parts protocol and the one upload is the server's, as the rows of curl with the same parts show.
The proxy is ${squid ? "Debian's squid" : "the test kit's, for want of squid"}, a process of its own; the last row's is the test kit's, whose connections can be cut.

| what | measured | baseline | ratio | aim |
|---|---|---|---|---|
${table.join("\n")}
`;
}
