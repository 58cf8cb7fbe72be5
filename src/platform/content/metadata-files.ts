import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  Metadata,
  MetadataKind,
  MetaFile,
  type Root,
  type Snapshot,
  type Targets,
  type Timestamp,
} from "@tufjs/models";
import { makeFolderDurably, removeDurably, writeDurably } from "../../base/durable-file.ts";
import type { Role } from "./keys.ts";

type Content = Parameters<typeof Metadata.fromJSON>[1];

/** The metadata that is published now. */
export interface CurrentMetadata {
  root: Metadata<Root>;
  targets: Metadata<Targets>;
  snapshot: Metadata<Snapshot>;
  timestamp: Metadata<Timestamp>;
}

/** This many versions stay, for appliances that read one while a newer one appears. */
const keptVersions = 5;

/**
 * The folder metadata/ as every TUF client reads it: with consistent snapshots (TUF specification
 * 6.2), where a file has its version in its name and is written once.
 */
export class MetadataFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async open(): Promise<void> {
    await makeFolderDurably(this.folder);
  }

  /** Null before the first start, or when that start ended before it had written everything. */
  async read(): Promise<CurrentMetadata | null> {
    const rootVersion = Math.max(0, ...(await this.#versions("root")));
    const timestampText = await this.#text("timestamp.json");
    if (rootVersion === 0 || timestampText === null) return null;
    const timestamp = Metadata.fromJSON(MetadataKind.Timestamp, parse(timestampText));
    const snapshot = Metadata.fromJSON(
      MetadataKind.Snapshot,
      parse(await this.#required(`${timestamp.signed.snapshotMeta.version}.snapshot.json`)),
    );
    const targetsVersion = snapshot.signed.meta["targets.json"]?.version ?? 0;
    return {
      root: await this.root(rootVersion),
      targets: Metadata.fromJSON(
        MetadataKind.Targets,
        parse(await this.#required(`${targetsVersion}.targets.json`)),
      ),
      snapshot,
      timestamp,
    };
  }

  async newestRootVersion(): Promise<number> {
    return Math.max(0, ...(await this.#versions("root")));
  }

  async root(version: number): Promise<Metadata<Root>> {
    return Metadata.fromJSON(
      MetadataKind.Root,
      parse(await this.#required(`${version}.root.json`)),
    );
  }

  /** Returns the entry by which the metadata above names the file. */
  async write(
    role: Role,
    metadata: Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>,
  ): Promise<MetaFile> {
    const text = JSON.stringify(metadata.toJSON());
    const { version } = metadata.signed;
    await writeDurably(
      join(this.folder, role === "timestamp" ? "timestamp.json" : `${version}.${role}.json`),
      text,
    );
    return new MetaFile({
      version,
      length: Buffer.byteLength(text),
      hashes: { sha256: createHash("sha256").update(text).digest("hex") },
    });
  }

  /** The file as it was signed; null for an unknown name. */
  async bytes(name: string): Promise<Buffer | null> {
    if (!/^(?:timestamp|[1-9]\d{0,8}\.(?:root|snapshot|targets))\.json$/.test(name)) return null;
    return readFile(join(this.folder, name)).catch(() => null);
  }

  /** Roots stay for ever: an appliance that was away reads one after the other (TUF 5.3). */
  async dropOld(role: "targets" | "snapshot", newest: number): Promise<void> {
    for (const version of await this.#versions(role))
      if (version <= newest - keptVersions || version > newest)
        await removeDurably(join(this.folder, `${version}.${role}.json`));
  }

  async #versions(role: Role): Promise<number[]> {
    return (await readdir(this.folder)).flatMap((name) => {
      const version = new RegExp(`^(\\d{1,9})\\.${role}\\.json$`).exec(name)?.[1];
      return version === undefined ? [] : [Number(version)];
    });
  }

  async #text(name: string): Promise<string | null> {
    return readFile(join(this.folder, name), "utf8").catch(() => null);
  }

  async #required(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }
}

function parse(text: string): Content {
  return JSON.parse(text);
}
