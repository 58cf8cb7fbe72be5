import { applianceCards, hosts, segments } from "../../image/lab/addresses.ts";
import {
  type Ends,
  frame,
  icmp,
  incompleteFragments,
  protocols,
  routerAlert6,
  sendFrames,
  tcp,
  udp,
} from "../testkit/lab/frames.ts";
import { type Answers, answersCounted, countAnswers } from "../testkit/lab/kernel-answers.ts";
import { labTest } from "../testkit/lab/lab.ts";
import { witness, witnessed } from "../testkit/lab/side-witness.ts";
import {
  addressed,
  callHome,
  enrol,
  guards,
  nmap,
  type SplitLab,
  splitNetwork,
  staticLan,
  staticWan,
  until,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";
import { countOnTheWire, strangers } from "../testkit/lab/wire-count.ts";

const cards = { lan: "eth0", wan: "eth1" };
const own = {
  lan: { 4: "192.0.2.50", 6: "2001:db8:0:1::50" },
  wan: { 4: "198.51.100.50", 6: "2001:db8:0:2::50" },
} as const;
const count = 4;
const each = (make: (number: number) => Buffer) =>
  Array.from({ length: count }, (_, number) => make(number + 1));

/** From a host of a segment to the appliance there; `from` can be anybody's address. */
function ends(side: "lan" | "wan", family: 4 | 6, from?: string): Ends {
  const host = side === "lan" ? hosts.station : hosts.proxy;
  return {
    fromMac: host.macAddress,
    toMac: (side === "lan" ? applianceCards.eth0 : applianceCards.eth1).macAddress,
    from: from ?? (family === 4 ? host.address : host.address6),
    to: own[side][family],
  };
}

const data = Buffer.alloc(64, "x");
const fragments = (at: Ends) => incompleteFragments(at, count);
const pings = (at: Ends) =>
  each((number) => {
    const rest = Buffer.concat([Buffer.from([0, 7, 0, number]), data]);
    return at.to.includes(":")
      ? frame(at, protocols.icmp6, icmp(at, 128, 0, rest))
      : frame(at, protocols.icmp, icmp(at, 8, 0, rest));
  });
/** A message that quotes a packet which the appliance is to believe it has sent. */
const errors = (at: Ends, type: number, code: number, head: Buffer, quoted: Ends) =>
  each(() => {
    const packet = frame(quoted, protocols.tcp, tcp(quoted, [40_000, 443], 0x10)).subarray(14);
    const protocol = at.to.includes(":") ? protocols.icmp6 : protocols.icmp;
    return frame(at, protocol, icmp(at, type, code, Buffer.concat([head, packet])));
  });
const toPlatform = (from: string, to: string): Ends => ({ ...ends("wan", 4), from, to });

/** A snooping switch asks which groups are wanted (RFC 2710: to all nodes, from a link-local address). */
function groupQuery(): Buffer {
  const at = {
    ...ends("lan", 6, "fe80::c0ff:fe00:202"),
    to: "ff02::1",
    toMac: "33:33:00:00:00:01",
  };
  const query = icmp(at, 130, 0, Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.alloc(16)]));
  return frame(at, 0, routerAlert6(protocols.icmp6, query), { ttl: 1 });
}

interface Stimulus {
  what: string;
  from: "station" | "proxy";
  frames: readonly Buffer[];
  /** What the kernel sends because of it, by side. Kinds that are not named must not be sent. */
  answers: Answers;
  /** What the guards stop because of it. */
  stopped?: { lan?: number; wan?: number };
}

const stimuli: readonly Stimulus[] = [
  ...([4, 6] as const).flatMap((family): Stimulus[] => [
    {
      what: `fragments without their rest on LAN, IPv${family}`,
      from: "station",
      frames: fragments(ends("lan", family)),
      answers: { lan_errors: count },
    },
    {
      what: `fragments without their rest on WAN, IPv${family}`,
      from: "proxy",
      frames: fragments(ends("wan", family)),
      answers: { wan_errors: count },
    },
    {
      what: `pings on LAN that claim to be the platform's, IPv${family}`,
      from: "station",
      frames: pings(
        ends("lan", family, family === 4 ? hosts.platform.address : hosts.platform.address6),
      ),
      answers: { lan_echoes: count },
    },
    {
      what: `pings on WAN that claim to be of LAN, IPv${family}`,
      from: "proxy",
      frames: pings(ends("wan", family, family === 4 ? hosts.web.address : hosts.web.address6)),
      answers: {},
      stopped: { lan: count },
    },
    {
      what: `fragments on WAN that claim to be of LAN, IPv${family}`,
      from: "proxy",
      frames: fragments(ends("wan", family, family === 4 ? hosts.ssh.address : hosts.ssh.address6)),
      answers: {},
      stopped: { lan: count },
    },
    {
      what: `packets on LAN for WAN's address, IPv${family}`,
      from: "station",
      frames: pings({ ...ends("lan", family), to: own.wan[family] }),
      answers: {},
    },
    {
      what: `connections to closed ports of both sides, IPv${family}`,
      from: "station",
      frames: [
        ...each((port) =>
          frame(ends("lan", family), protocols.tcp, tcp(ends("lan", family), [5000, port], 2)),
        ),
        ...each((port) =>
          frame(ends("lan", family), protocols.udp, udp(ends("lan", family), [5000, port], data)),
        ),
      ],
      answers: {},
    },
  ]),
  {
    what: "a question on LAN for multicast groups",
    from: "station",
    frames: [groupQuery()],
    answers: { lan_groups: 1 },
  },
  {
    what: "redirects on LAN for what goes to the platform",
    from: "station",
    frames: errors(
      ends("lan", 4, segments.lan.gateway),
      5,
      1,
      Buffer.from([192, 0, 2, 2]),
      toPlatform(own.wan[4], hosts.platform.address),
    ),
    answers: {},
  },
  {
    what: "a small path on LAN for what goes to the platform",
    from: "station",
    frames: errors(
      ends("lan", 4, segments.lan.gateway),
      3,
      4,
      Buffer.from([0, 0, 2, 40]),
      toPlatform(own.wan[4], hosts.platform.address),
    ),
    answers: {},
  },
  {
    what: "a small path on LAN for what goes to the platform, IPv6",
    from: "station",
    frames: errors(
      ends("lan", 6, hosts.station.address6),
      2,
      0,
      Buffer.from([0, 0, 5, 0]),
      toPlatform(own.wan[6], hosts.platform.address6),
    ),
    answers: {},
  },
];

/** The lab's network has short memories and no limit of answers, so that every one is seen soon. */
async function hurry({ namespaces }: SplitLab): Promise<void> {
  const values = {
    "ipv4/ipfrag_time": 1,
    "ipv6/ip6frag_time": 1,
    "netfilter/nf_conntrack_frag6_timeout": 1,
    "ipv4/icmp_ratelimit": 0,
    "ipv6/icmp/ratelimit": 0,
  };
  for (const [name, value] of Object.entries(values))
    await namespaces.run(["sh", "-c", `echo ${value} >/proc/sys/net/${name}`], {
      host: "appliance",
    });
}

/** Pings both sides, and waits for the answers: all that was sent before has been dealt with. */
async function settled(lab: SplitLab): Promise<void> {
  for (const [host, side] of [
    ["station", "lan"],
    ["proxy", "wan"],
  ] as const) {
    const before = (await answersCounted(lab.namespaces))[`${side}_echoes`] ?? 0;
    await sendFrames(lab.namespaces, host, pings(ends(side, 4)));
    await until(
      `answers on ${side}`,
      async () => ((await answersCounted(lab.namespaces))[`${side}_echoes`] ?? 0) >= before + count,
    );
  }
}

labTest(
  "in split mode what the kernel itself sends leaves by the side that caused it, or is stopped and counted",
  async (t) => {
    t.timeout(400_000);
    const lab = await openSplitLab(t, withNetwork(splitNetwork(staticLan, staticWan)));
    const { appliance, namespaces } = lab;
    await addressed(lab);
    const applianceId = await enrol(lab);
    await hurry(lab);
    for (const card of Object.values(cards))
      t.is(
        (await appliance.exec(["cat", `/proc/sys/net/ipv6/conf/${card}/accept_redirects`])).stdout,
        "0",
        "a redirect of IPv6 is not believed",
      );
    await countOnTheWire(namespaces, cards);
    await witness(lab, cards);
    await countAnswers(namespaces, cards);
    await settled(lab);

    for (const { what, from, frames, answers, stopped = {} } of stimuli) {
      const before = (await guards(lab)) ?? { lan: 0, wan: 0 };
      await countAnswers(namespaces, cards);
      await sendFrames(namespaces, from, frames);
      const isAnswered = (counted: Answers) =>
        Object.entries(answers).every(([kind, packets]) =>
          Object.entries(counted).some(([name, seen]) => name === kind && seen >= packets),
        );
      const stops = async () => {
        const now = (await guards(lab)) ?? { lan: 0, wan: 0 };
        return { lan: now.lan - before.lan, wan: now.wan - before.wan };
      };
      await until(what, async () => isAnswered(await answersCounted(namespaces)));
      await until(`what is stopped of ${what}`, async () => {
        const { lan, wan } = await stops();
        return lan >= (stopped.lan ?? 0) && wan >= (stopped.wan ?? 0);
      });
      const seen = await answersCounted(namespaces);
      await settled(lab);
      const { lan_errors = 0, wan_errors = 0, lan_resets = 0, wan_resets = 0 } = seen;
      t.deepEqual(
        {
          errors: [lan_errors, wan_errors],
          resets: [lan_resets, wan_resets],
          echoes: [seen.lan_echoes, seen.wan_echoes],
          groupsOnWan: seen.wan_groups,
          stopped: await stops(),
        },
        {
          errors: [answers.lan_errors ?? 0, answers.wan_errors ?? 0],
          resets: [answers.lan_resets ?? 0, answers.wan_resets ?? 0],
          echoes: [answers.lan_echoes ?? 0, answers.wan_echoes ?? 0],
          groupsOnWan: 0,
          stopped: { lan: stopped.lan ?? 0, wan: stopped.wan ?? 0 },
        },
        what,
      );
    }
    await callHome(lab, applianceId);
    const { stdout: route } = await appliance.exec(["ip", "route", "get", hosts.platform.address]);
    t.regex(route, /dev eth1/);
    t.notRegex(route, / mtu | via /);

    // The scan's own raw connections: the kernel knows nothing of them, and resets what answers.
    await countAnswers(namespaces, cards);
    const scanned = [hosts.web.address, hosts.proxy.address];
    await nmap(lab, ["-n", "-Pn", "-sS", "--send-ip", "-e", "eth0", "-p", "22,80", ...scanned]);
    const resets = await answersCounted(namespaces);
    t.true((resets.lan_resets ?? 0) > 0, JSON.stringify(resets));
    t.is(resets.wan_resets, 0);

    const atGuards = await witnessed(namespaces);
    const stopped = await guards(lab);
    t.like(atGuards, { lanPassed: 0, wanPassed: 0 });
    t.deepEqual({ lan: atGuards.lan, wan: atGuards.wan }, stopped);
    t.true((stopped?.lan ?? 0) > 0);
    // Nothing is astray but what the test itself asked for: echoes and errors to who asked.
    const asked =
      /^(192\.0\.2\.50 \. 198\.51\.100\.10 \. icmp|2001:db8:0:1::50 \. 2001:db8:0:2::10 \. ipv6-icmp|198\.51\.100\.50 \. 198\.51\.100\.20 \. icmp|2001:db8:0:2::50 \. 2001:db8:0:2::20 \. ipv6-icmp|198\.51\.100\.20$)/;
    const seen = (await strangers(namespaces))
      .split("\n")
      .flatMap((line) => line.replace(/^\w+: /, "").split(", "));
    t.true(seen.length > 0);
    t.deepEqual(
      seen.filter((each) => !asked.test(each)),
      [],
    );
  },
);
