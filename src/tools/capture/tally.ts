const flags = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** What a capture has of each kind, for its verdict. */
export class Tally {
  packets = 0;
  /** Of these the contents were left out. */
  cutPackets = 0;
  arp = 0;
  other = 0;
  udpPackets = 0;
  tcpSegments = 0;
  icmpMessages = 0;
  dnsQuestions = 0;
  dnsAnswers = 0;
  connectionsBegun = 0;
  connectionsAnswered = 0;
  connectionsReset = 0;
  /** ICMP: cannot be reached, or too many hops. */
  refusals = 0;

  count(kind: "arp" | "other"): void {
    this[kind]++;
  }

  cut(): void {
    this.cutPackets++;
  }

  udp(ports: readonly number[], firstFlags: number): void {
    this.udpPackets++;
    if (!ports.includes(53)) return;
    // RFC 1035 section 4.1.1: the bit QR.
    if ((firstFlags & 0x80) === 0) this.dnsQuestions++;
    else this.dnsAnswers++;
  }

  tcp(bits: number): void {
    this.tcpSegments++;
    if ((bits & flags.rst) !== 0) this.connectionsReset++;
    else if ((bits & flags.syn) !== 0) {
      if ((bits & flags.ack) === 0) this.connectionsBegun++;
      else this.connectionsAnswered++;
    }
  }

  icmp(isRefusal: boolean): void {
    this.icmpMessages++;
    if (isRefusal) this.refusals++;
  }
}
