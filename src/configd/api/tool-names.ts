export const logSources = ["agent", "system", "network"] as const;
export type LogSource = (typeof logSources)[number];

export const pathTools = ["ping", "look-up", "trace"] as const;
export type PathTool = (typeof pathTools)[number];

export const volumeId = /^[a-z0-9]{1,20}$/;

/** A file in the root of a volume or one folder deep; no "..", and no hidden file. */
export const volumePath = /^(?!\.)[A-Za-z0-9 ._+-]{1,80}(?:\/(?!\.)[A-Za-z0-9 ._+-]{1,80})?$/;
