/** What the card has agreed on with the switch; null where the driver does not report it. */
export interface CardMode {
  speedMbps: number | null;
  duplex: "half" | "full" | null;
}

/** A DHCPv4 lease (RFC 2131 section 4.4.5). */
export interface Lease {
  /** null where networkd does not say it. */
  server: string | null;
  ageSeconds: number;
  /** Until the address is given up, unless a server renews the lease; null for ever. */
  remainingSeconds: number | null;
  /**
   * For how long the lease should have been renewed by now (T1 has passed); 0 while it is not due.
   */
  overdueSeconds: number;
}

/** Which way the kernel sends a packet to an address. */
export interface RouteTaken {
  device: string;
  /** null where the kernel chooses none. */
  source: string | null;
  gateway: string | null;
}

/** Whose packets a route is looked up for, since rules of split mode depend on it. */
export interface Sender {
  user: number;
  mark?: number | undefined;
}

export interface Figures {
  diskAvailableBytes: number;
  diskTotalBytes: number;
  memoryAvailableBytes: number;
  memoryTotalBytes: number;
}

/** `absent`: no time service runs here, as in a container. */
export type TimeSynchronisation = "synchronised" | "waiting" | "absent";

/** What the checks ask of the appliance itself and of its own links. */
export interface OwnMachine {
  cardMode(device: string): Promise<CardMode>;
  /** null for a static address. */
  lease(device: string): Promise<Lease | null>;
  /**
   * The MAC addresses that answer an ARP probe (RFC 5227 section 2.1.1) for an IPv4 address on this
   * link. Rejects with an OutriderError when it cannot be sent.
   */
  askOwners(device: string, address: string, signal: AbortSignal): Promise<string[]>;
  /** The IPv6 addresses that duplicate address detection (RFC 4862) found to be another's. */
  duplicates6(device: string): Promise<string[]>;
  /** The neighbour's MAC address in the kernel's table, null where it has none. */
  neighbourMac(device: string, address: string): Promise<string | null>;
  /** Addresses of the device's link that the kernel has a MAC address for. */
  neighbours(device: string): Promise<string[]>;
  /** null where there is no route, or a rule forbids it. */
  routeTo(address: string, sender: Sender): Promise<RouteTaken | null>;
  figures(): Promise<Figures>;
  timeSynchronisation(): Promise<TimeSynchronisation>;
  /**
   * The router or firewall whose ICMP error answers a TCP connection to this address; null where
   * none does, or it is the address itself.
   */
  whoRefuses(address: string, port: number, signal: AbortSignal): Promise<string | null>;
}
