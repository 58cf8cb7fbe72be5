import test from "ava";
import { debianComponents, npmComponents, renderBill } from "../../image/build/sbom.ts";

const status = `Package: nmap
Status: install ok installed
Version: 7.95+dfsg-3
Architecture: amd64
Description: scanner
 with a second line

Package: removed
Status: deinstall ok config-files
Version: 1
Architecture: all

Package: base-files
Status: install ok installed
Architecture: amd64
Version: 13.8+deb13u1
`;

test("installed Debian packages are listed with their package URLs, removed ones are not", (t) => {
  t.deepEqual(debianComponents(status), [
    {
      name: "nmap",
      version: "7.95+dfsg-3",
      purl: "pkg:deb/debian/nmap@7.95%2Bdfsg-3?arch=amd64&distro=trixie",
    },
    {
      name: "base-files",
      version: "13.8+deb13u1",
      purl: "pkg:deb/debian/base-files@13.8%2Bdeb13u1?arch=amd64&distro=trixie",
    },
  ]);
});

test("npm packages are found by the files that went into the bundles", (t) => {
  const files = [
    "src/a.ts",
    "node_modules/undici/lib/x.js",
    "node_modules/undici/index.js",
    "node_modules/@scope/part/a/b.js",
  ];
  const versions = new Map([
    ["undici", "8.1.0"],
    ["@scope/part", "2.0.0"],
  ]);
  t.deepEqual(
    npmComponents(files, (name) => versions.get(name)),
    [
      { name: "undici", version: "8.1.0", purl: "pkg:npm/undici@8.1.0" },
      { name: "@scope/part", version: "2.0.0", purl: "pkg:npm/%40scope/part@2.0.0" },
    ],
  );
});

test("the bill names each part once, in an order that does not depend on how they were found", (t) => {
  const components = debianComponents(status);
  const bill = { name: "outrider", version: "1.2.3", timestamp: "2026-01-01T00:00:00Z" };
  const text = renderBill({ ...bill, components: [...components, ...components] });
  t.is(text, renderBill({ ...bill, components: components.toReversed() }));
  const parsed: unknown = JSON.parse(text);
  t.like(parsed, {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    components: [{ name: "base-files" }, { name: "nmap" }],
  });
});
