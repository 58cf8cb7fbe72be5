import type { Check } from "./check/check.ts";
import { address } from "./checks/address.ts";
import { clock } from "./checks/clock.ts";
import { dns } from "./checks/dns.ts";
import { gateway } from "./checks/gateway.ts";
import { link } from "./checks/link.ts";
import { proxy } from "./checks/proxy.ts";
import { resolver } from "./checks/resolver.ts";
import { service } from "./checks/service.ts";
import { tls } from "./checks/tls.ts";

/** The checks of the path, in the order in which they are listed. */
export const checks: readonly Check[] = [
  link,
  address,
  gateway,
  dns,
  resolver,
  proxy,
  tls,
  service,
  clock,
];
