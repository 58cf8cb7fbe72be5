import type { ErrorCode } from "../../../../src/base/messages/error-codes.ts";
import type { ProxySettings } from "../../../../src/settings/model/schema.ts";
import type { ProxyLab } from "../proxies.ts";
import type { Checkup } from "./calls.ts";
import type { DnsKind } from "./dns-kinds.ts";
import type { FaultLab, World } from "./fault-lab.ts";
import type { NetworkName } from "./networks.ts";
import type { Rules } from "./rules.ts";

/** A proxy with the secrets that its settings go with. */
export interface ProxyWish {
  settings: ProxySettings;
  password?: string | undefined;
  /** The company's authority is added under trusted certificates. */
  trusted?: boolean | undefined;
}

/** Something that is done to the lab, and undone. */
export interface Act {
  strike(lab: ProxyLab): Promise<void>;
  relieve(lab: ProxyLab): Promise<void>;
}

/** What an operator, or a colleague of theirs, does because the remedy says so. */
export interface Remedy {
  /** In the past tense, as "the password was set again on the Proxy screen". */
  done: string;
  /** The action itself, or the proxy that is set by it. */
  carryOut?(lab: FaultLab, seen: { fault: NetworkFault; doctor: Checkup }): Promise<void>;
  proxy?: ProxyWish | null;
  network?: NetworkName;
}

/** The tables of the matrix. */
export type Part = "healthy" | "faults" | "survived" | "pairs";

/** One row of the matrix. What must be reported is built from the network, not from the code. */
export interface NetworkFault {
  name: string;
  network: NetworkName;
  /** Another lab's networks: such a row has a lab of its own, without proxies and portals. */
  world?: World | undefined;
  /** Through this proxy; directly when absent. */
  proxy?: ProxyWish | undefined;
  /** nftables of the lab's machines, by hook. */
  rules?: Rules | undefined;
  /** The lying DNS server of the lab that answers. */
  dns?: DnsKind | undefined;
  acts?: readonly Act[] | undefined;
  /** Strikes while the agent has a connection open, instead of before its start. */
  whileConnected?: boolean | undefined;
  /** The error of the clock that agent and doctor see. */
  clockOffsetMs?: number | undefined;
  /** The code that the agent must report; null is success. */
  agent: ErrorCode | null;
  /** The check that must fail first and its code, as "dns:* dns-silent"; null: none fails. */
  doctor: string | null;
  /** A code that must be a warning of the doctor's; every other warning is a fault of a healthy row. */
  warning?: ErrorCode | undefined;
  /** A network that works: no check of the doctor's may fail or warn. */
  healthy?: boolean | undefined;
  remedy?: Remedy | undefined;
}
