/** An engine's program: its command, its packages, and how to read its version. */
export interface EngineProgram {
  /** As in plans, results and the inventory; `[a-z][a-z0-9-]*`, at most 40 characters. */
  readonly name: string;
  /** A name on the PATH or a file. One that ends in .ts or .js is run by this same Node. */
  readonly command: string;
  /** Debian packages that bring the program into the image. */
  readonly packages: readonly string[];
  readonly versionArguments: readonly string[];
  /** The version in the program's standard output; null when there is none. */
  readVersion(output: string): string | null;
}

export type ProgramEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The program that stands in for an engine's own, from the environment: OUTRIDER_NMAP for nmap.
 * Null on the appliance, which has the real engines.
 */
export function standInFor(
  { name }: EngineProgram,
  environment: ProgramEnvironment,
): string | null {
  return environment[`OUTRIDER_${name.toUpperCase().replaceAll("-", "_")}`] || null;
}

/** How to start a command with these arguments: the file to execute and its arguments. */
export function commandLine(
  command: string,
  args: readonly string[],
): { file: string; args: string[] } {
  return /\.[jt]s$/.test(command)
    ? { file: process.execPath, args: [command, ...args] }
    : { file: command, args: [...args] };
}
