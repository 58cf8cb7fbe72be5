import { type Resolve, systemResolve } from "./stages/resolve.ts";

/** Looks a host's addresses up as calls home do. Throws OutriderError as `systemResolve` does. */
export const resolveAsCalls: Resolve = systemResolve();
