import type { ServiceTarget } from "../path/service-targets.ts";

/** One thing that a check looks at, as one DNS server. */
export interface Subject {
  /** Unique in one run: the check's id, alone or with what is looked at, as `dns:192.0.2.53`. */
  id: string;
  /** In English, as "DNS server 192.0.2.53". */
  subject: string;
  /** The host that is asked; unset, the first one on the path. null where none is. */
  host?: string | null | undefined;
  /** The service that is asked, where it is a certain one. */
  target?: ServiceTarget | undefined;
}
