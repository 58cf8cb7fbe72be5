import type { Check } from "./check/check.ts";
import { address } from "./checks/address.ts";
import { certificate } from "./checks/certificate.ts";
import { clock } from "./checks/clock.ts";
import { dns } from "./checks/dns.ts";
import { duplicate } from "./checks/duplicate.ts";
import { gateway } from "./checks/gateway.ts";
import { idle } from "./checks/idle.ts";
import { link } from "./checks/link.ts";
import { neighbour } from "./checks/neighbour.ts";
import { proxy } from "./checks/proxy.ts";
import { resolver } from "./checks/resolver.ts";
import { resources } from "./checks/resources.ts";
import { scanSide } from "./checks/scan-side.ts";
import { service } from "./checks/service.ts";
import { source } from "./checks/source.ts";
import { tls } from "./checks/tls.ts";

/** The checks of the path, in the order in which they are listed. */
export const checks: readonly Check[] = [
  link,
  address,
  duplicate,
  scanSide,
  neighbour,
  gateway,
  dns,
  resolver,
  source,
  proxy,
  tls,
  service,
  clock,
  certificate,
  idle,
  resources,
];
