import { putFile } from "../../../../image/lab/peers.ts";
import type { TestLab } from "../lab.ts";
import { redirectDns } from "../lab-network.ts";
import { type DnsKind, dnsFront } from "./dns-kinds.ts";

/** What the name server of the appliance's networks does from now on. */
export async function setDns(lab: TestLab, kind: DnsKind): Promise<void> {
  await putFile(lab.namespaces, dnsFront.file, `${kind}\n`);
  // resolved has the answers of before, and what it learnt about the server.
  await lab.appliance.exec(["resolvectl", "reset-server-features"], { mayFail: true });
  await redirectDns(lab, dnsFront.port);
}
