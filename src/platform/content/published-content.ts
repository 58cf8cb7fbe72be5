import { TargetFile, type Targets } from "@tufjs/models";
import type { Announcement, TargetFacts } from "../../protocol/schemas/updates.ts";
import { validators } from "../../protocol/validators.ts";

export interface PublishedContent extends Announcement {
  sha256: string;
  sequence: number;
}

/** A target's path in the metadata: KIND/NAME-VERSION. */
export function pathOf({
  kind,
  name,
  version,
}: Pick<TargetFacts, "kind" | "name" | "version">): string {
  return `${kind}/${name}-${version}`;
}

/** The targets of the signed metadata, newest first. */
export function contentsOf(targets: Targets): PublishedContent[] {
  return Object.values(targets.targets)
    .flatMap((target): PublishedContent[] => {
      const facts = validators.TargetFacts(target.custom);
      return facts.valid
        ? [{ ...facts.value, sha256: target.hashes.sha256 ?? "", length: target.length }]
        : [];
    })
    .sort((a, b) => b.sequence - a.sequence);
}

/** The entries of signed metadata for these contents, by path. */
export function targetsOf(contents: readonly PublishedContent[]): Record<string, TargetFile> {
  return Object.fromEntries(contents.map((content) => [pathOf(content), targetFile(content)]));
}

function targetFile({ sha256, length, ...facts }: PublishedContent): TargetFile {
  return new TargetFile({
    path: pathOf(facts),
    length,
    hashes: { sha256 },
    unrecognizedFields: { custom: { ...facts } },
  });
}
