/** One OVF property: a question of the importer's wizard before the first power-on. */
export interface ProductProperty {
  /** No whitespace: vSphere drops such keys (vim.vApp.PropertyInfo). */
  key: string;
  type: "string" | "boolean";
  label: string;
  description: string;
  /** Every property has one: vSphere's wizard insists on an answer where it is missing. */
  value: string;
  /**
   * Only masks the answer on the wizard's screen; the guest, and every user who may read the VM's
   * settings, see it in clear text.
   */
  password?: true;
  qualifiers?: string;
}

export interface PropertyCategory {
  title: string;
  properties: readonly ProductProperty[];
}

const text = (
  key: string,
  label: string,
  description: string,
  maxLength: number,
): ProductProperty => ({
  key,
  type: "string",
  label,
  description,
  value: "",
  qualifiers: `MaxLen(${maxLength})`,
});

export const propertyCategories: readonly PropertyCategory[] = [
  {
    title: "Platform",
    properties: [
      text(
        "platform_url",
        "Platform address",
        "Address of the platform that the appliance calls home to, as https://platform.example.com. Can be given later at the console.",
        300,
      ),
      {
        ...text(
          "activation_code",
          "Activation code",
          "One-time code of 20 characters from the platform's page. It is spent by the first use.",
          30,
        ),
        password: true,
      },
      text("hostname", "Host name", "Name of the appliance; blank for outrider.", 63),
    ],
  },
  {
    title: "LAN: the network that is scanned",
    properties: [
      text(
        "lan_address",
        "LAN address",
        "IPv4 address with prefix length, as 192.0.2.10/24. Blank for DHCP.",
        18,
      ),
      text(
        "lan_gateway",
        "LAN gateway",
        "IPv4 address of the gateway; only with a LAN address.",
        15,
      ),
      text(
        "lan_dns",
        "LAN DNS servers",
        "Addresses, separated by commas. Needed with a LAN address.",
        200,
      ),
      text("lan_search", "LAN search domains", "Separated by commas. Blank for none.", 500),
      text("lan_vlan", "LAN VLAN tag", "1 to 4094. Blank for untagged.", 4),
    ],
  },
  {
    title: "WAN: a second network for calling home",
    properties: [
      {
        key: "wan_enabled",
        type: "boolean",
        label: "Use the WAN interface",
        description: "Scan over LAN only and call home over WAN only. When off, LAN does both.",
        value: "False",
      },
      text("wan_address", "WAN address", "IPv4 address with prefix length. Blank for DHCP.", 18),
      text(
        "wan_gateway",
        "WAN gateway",
        "IPv4 address of the gateway; only with a WAN address.",
        15,
      ),
      text(
        "wan_dns",
        "WAN DNS servers",
        "Addresses, separated by commas. Needed with a WAN address.",
        200,
      ),
      text("wan_search", "WAN search domains", "Separated by commas. Blank for none.", 500),
      text("wan_vlan", "WAN VLAN tag", "1 to 4094. Blank for untagged.", 4),
    ],
  },
  {
    title: "Proxy",
    properties: [
      text(
        "proxy_url",
        "Proxy address",
        "As http://proxy.example.com:3128; https://, socks5:// or pac+http:// for other kinds. Blank for none.",
        300,
      ),
      text("proxy_user", "Proxy user", "Blank for none.", 200),
      text(
        "proxy_authentication",
        "Proxy authentication",
        "automatic, none, basic, digest, ntlm or negotiate. Blank for automatic.",
        20,
      ),
      {
        ...text(
          "proxy_password",
          "Proxy password",
          "Blank for none. Anybody who may read this VM's settings can read it.",
          200,
        ),
        password: true,
      },
      text(
        "proxy_bypass",
        "Called directly",
        "Hosts, domains (.example.com) and networks, separated by commas. Blank for none.",
        1000,
      ),
    ],
  },
  {
    title: "Other",
    properties: [
      text(
        "ntp_servers",
        "Time servers",
        "Names or addresses, separated by commas. Blank for those of the network, else Debian's pool.",
        500,
      ),
      text(
        "trusted_certificates",
        "Extra certificates",
        "CA certificates (PEM) for the way to the platform, all in one line as base64. Blank for none.",
        60_000,
      ),
      text(
        "scan_exclusions",
        "Never scanned",
        "Addresses, networks and ranges, separated by commas. Blank for none.",
        5000,
      ),
    ],
  },
];
