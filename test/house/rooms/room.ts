/** A folder, and what its files may import. */
export interface Room {
  /** A folder of the project, or a pattern: `*` is one name, a last `/**` the folder and all in it. */
  folder: string;
  /** One line for ARCHITECTURE.md; rooms without one are part of the room above them. */
  what?: string;
  /** Folders that its files may import, as patterns. Its own folder is always allowed. */
  imports: readonly string[];
  /** Folders of which only types may be imported, as patterns. */
  types?: readonly string[];
  /** Why it may import no more; the end of the sentence that a broken rule is reported with. */
  because: string;
  /** Pure rooms do no input or output. Files with "model" in their names are pure everywhere. */
  pure?: boolean;
}

/** A package or module of Node that only some rooms may load, whatever it is loaded for. */
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
