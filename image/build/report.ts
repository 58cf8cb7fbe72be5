/** A part of the image, with its size as it lies on the appliance's disk before compression. */
export interface Part {
  name: string;
  sizeBytes: number;
}

export interface BuildReport {
  version: string;
  files: readonly { name: string; sizeBytes: number; digest: string }[];
  parts: readonly Part[];
  selfTestChecks: number;
  /** How the disk was booted for its self-test. */
  accelerator: string;
}

const partsShown = 10;

/** Installed sizes of a dpkg status file; deb-control(5) gives them in KiB. */
export function packageSizes(status: string): Part[] {
  return status.split(/\n\n+/).flatMap((paragraph) => {
    const name = /^Package: (.*)$/m.exec(paragraph)?.[1];
    const size = /^Installed-Size: (\d{1,9})$/m.exec(paragraph)?.[1];
    return name === undefined || size === undefined
      ? []
      : [{ name, sizeBytes: Number(size) * 1024 }];
  });
}

/** The page in docs/ about the last build. */
export function renderReport({
  version,
  files,
  parts,
  selfTestChecks,
  accelerator,
}: BuildReport): string {
  const largest = parts.toSorted((a, b) => b.sizeBytes - a.sizeBytes).slice(0, partsShown);
  return [
    "# The last build of the image",
    "",
    `Written by \`npm run ova\` for version ${version}. The appliance passed ${selfTestChecks} checks of its own (${accelerator === "kvm" ? "KVM" : "emulated"}) before these files were made of its disk.`,
    "",
    "| file | size | SHA-256 |",
    "|---|---:|---|",
    ...files.map((file) => `| ${file.name} | ${inWords(file.sizeBytes)} | \`${file.digest}\` |`),
    "",
    "The ten largest parts, as they are before compression:",
    "",
    "| part | size |",
    "|---|---:|",
    ...largest.map((part) => `| ${part.name} | ${inWords(part.sizeBytes)} |`),
    "",
  ].join("\n");
}

export function inWords(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
