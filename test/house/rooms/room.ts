/** A folder, and what its files may import. */
export interface Room {
  /** A folder of the project, or a pattern: `*` is one name, a last `/**` the folder and all in it. */
  folder: string;
  /** One line for ARCHITECTURE.md; rooms without one are part of the room above them. */
  what?: string;
  /** Folders that its files may import, as patterns. Its own folder is always allowed. */
  imports: readonly string[];
  /** Folders from which only types may be imported, as patterns. */
  types?: readonly string[];
  /** The reason for the rule; it ends the sentence that reports a broken rule. */
  because: string;
  /** Pure rooms do no input or output. Files with "model" in their names are pure everywhere. */
  pure?: boolean;
}

/** A package or module of Node that only some rooms may load. */
export interface Keeper {
  packages: readonly string[];
  /** Folders that may load them, as patterns. */
  rooms: readonly string[];
  because: string;
}

/** Whether a folder matches a pattern of rooms. */
export function matches(pattern: string, folder: string): boolean {
  if (pattern.endsWith("/**")) {
    const root = pattern.slice(0, -3);
    return folder === root || folder.startsWith(`${root}/`);
  }
  const [wanted, names] = [pattern.split("/"), folder.split("/")];
  return (
    wanted.length === names.length && wanted.every((name, at) => name === "*" || name === names[at])
  );
}

/** The row of a folder: a full name goes before a pattern. */
export function roomOf(folder: string, rooms: readonly Room[]): Room | undefined {
  return (
    rooms.find((room) => room.folder === folder) ??
    rooms.find((room) => matches(room.folder, folder))
  );
}
