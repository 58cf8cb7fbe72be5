/** One part of the image, for its bill of materials. */
export interface Component {
  name: string;
  version: string;
  /** Package URL: https://github.com/package-url/purl-spec */
  purl: string;
}

/** Installed packages of a dpkg status file (deb-control(5)). */
export function debianComponents(status: string): Component[] {
  const components: Component[] = [];
  for (const paragraph of status.split(/\n\n+/)) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1];
    const [name, version, architecture] = [
      field("Package"),
      field("Version"),
      field("Architecture"),
    ];
    if (!name || !version || !architecture || !/ installed$/.test(field("Status") ?? "")) continue;
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=trixie`;
    components.push({ name, version, purl });
  }
  return components;
}

/** npm packages by the paths of the files that went into the bundles: node_modules/NAME/... */
export function npmComponents(
  files: readonly string[],
  versionOf: (name: string) => string | undefined,
): Component[] {
  const names = new Set<string>();
  for (const file of files) {
    const [, name] =
      /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(file) ?? [];
    if (name !== undefined) names.add(name);
  }
  return [...names].flatMap((name) => {
    const version = versionOf(name);
    return version === undefined
      ? []
      : [{ name, version, purl: `pkg:npm/${name.replace("@", "%40")}@${version}` }];
  });
}

export interface Bill {
  name: string;
  version: string;
  /** RFC 3339. */
  timestamp: string;
  components: readonly Component[];
}

/** CycloneDX 1.6 as JSON; the same parts give the same text. */
export function renderBill({ name, version, timestamp, components }: Bill): string {
  const sorted = [
    ...new Map(components.map((component) => [component.purl, component])).values(),
  ].sort((a, b) => (a.purl < b.purl ? -1 : 1));
  return `${JSON.stringify(
    {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      version: 1,
      metadata: {
        timestamp,
        component: { type: "operating-system", "bom-ref": name, name, version },
      },
      components: sorted.map(({ name: part, version: partVersion, purl }) => ({
        type: "library",
        "bom-ref": purl,
        name: part,
        version: partVersion,
        purl,
      })),
    },
    undefined,
    2,
  )}\n`;
}
