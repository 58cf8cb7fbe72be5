const portsOfHost = 20;

/** An nmap XML file of about so many bytes, made while it is read. */
export function* nmapXml(bytes: number): Generator<Buffer> {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<nmaprun scanner="nmap" version="7.95">\n';
  yield Buffer.from(head);
  let made = head.length;
  let hosts = 0;
  while (made < bytes) {
    const chunk = Buffer.from(
      Array.from({ length: 10 }, (_, index) => host(hosts + index)).join(""),
    );
    hosts += 10;
    made += chunk.length;
    yield chunk;
  }
  yield Buffer.from(
    `<runstats><finished time="1" exit="success"/><hosts up="${hosts}" down="0" total="${hosts}"/></runstats>\n</nmaprun>\n`,
  );
}

function host(number: number): string {
  const address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  const ports = Array.from({ length: portsOfHost }, (_, index) => port(1 + index * 37));
  return `<host starttime="1700000000" endtime="1700000100"><status state="up" reason="syn-ack" reason_ttl="63"/>
<address addr="${address}" addrtype="ipv4"/>
<hostnames><hostname name="host-${number}.example.org" type="PTR"/></hostnames>
<ports><extraports state="closed" count="980"><extrareasons reason="reset" count="980" proto="tcp"/></extraports>
${ports.join("\n")}
</ports>
<times srtt="311" rttvar="112" to="100000"/>
</host>
`;
}

function port(number: number): string {
  return `<port protocol="tcp" portid="${number}"><state state="open" reason="syn-ack" reason_ttl="63"/><service name="http" product="nginx" version="1.22.1" extrainfo="Debian" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port>`;
}
