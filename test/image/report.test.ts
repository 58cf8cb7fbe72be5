import test from "ava";
import { packageSizes, renderReport } from "../../image/build/report.ts";

test("installed sizes come from dpkg's own list", (t) => {
  const status = "Package: nmap\nInstalled-Size: 4476\nVersion: 1\n\nPackage: none\nVersion: 2\n";
  t.deepEqual(packageSizes(status), [{ name: "nmap", sizeBytes: 4476 * 1024 }]);
});

test("the page names each file with its digest, and the ten largest parts in order", (t) => {
  const parts = Array.from({ length: 12 }, (_, index) => ({
    name: `part-${index}`,
    sizeBytes: index * 1e6,
  }));
  const page = renderReport({
    version: "1.2.3",
    files: [{ name: "a.ova", sizeBytes: 120_340_000, digest: "abc" }],
    parts,
    selfTestChecks: 30,
    accelerator: "tcg",
  });
  t.regex(page, /\| a\.ova \| 120\.3 MB \| `abc` \|/);
  t.deepEqual(
    [...page.matchAll(/part-(\d+)/g)].map(([, number]) => Number(number)),
    [11, 10, 9, 8, 7, 6, 5, 4, 3, 2],
  );
});
