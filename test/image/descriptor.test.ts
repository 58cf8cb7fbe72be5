import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { renderDescriptor } from "../../image/ova/descriptor.ts";
import { propertyCategories } from "../../image/ova/properties.ts";
import { sampleAppliance } from "../testkit/image/sample-appliance.ts";
import { missingFile, missingTool, titled } from "../testkit/image/tools.ts";
import { all, only, parseXml } from "../testkit/image/xml-tree.ts";

const ovf = "{http://schemas.dmtf.org/ovf/envelope/1}";
const schema = new URL("../../../shared/data/ovf-xsd/ovf-envelope.xsd", import.meta.url).pathname;
const run = promisify(execFile);

const missing =
  missingFile(schema, "DMTF's schema beside the clone") ?? missingTool("xmllint", "libxml2-utils");
(missing ? test.skip : test)(
  titled("the descriptor is valid against DMTF's schema", missing),
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "outrider-ovf-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "sample.ovf");
    await writeFile(path, renderDescriptor(sampleAppliance));
    const { stderr } = await run("xmllint", ["--noout", "--nonet", "--schema", schema, path]);
    t.regex(stderr, /validates/);
    // The same check must be able to fail.
    await writeFile(
      path,
      renderDescriptor(sampleAppliance).replace("<References>", "<References><Unknown/>"),
    );
    await t.throwsAsync(run("xmllint", ["--noout", "--nonet", "--schema", schema, path]));
  },
);

test("every property has a key without whitespace, a label, a description and a default that is not undefined", (t) => {
  const properties = all(parseXml(renderDescriptor(sampleAppliance)), "Property");
  t.is(properties.length, propertyCategories.flatMap((category) => category.properties).length);
  const keys = properties.map((property) => property.attributes.get(`${ovf}key`) ?? "");
  t.is(new Set(keys).size, keys.length);
  for (const property of properties) {
    t.regex(property.attributes.get(`${ovf}key`) ?? "", /^[a-z_]+$/);
    t.not(property.attributes.get(`${ovf}value`), undefined);
    t.true(only(property, "Label").text.length > 0);
    t.true(only(property, "Description").text.length > 0);
  }
});

test("secrets are masked by the wizard, and nothing else is", (t) => {
  const masked = all(parseXml(renderDescriptor(sampleAppliance)), "Property").filter(
    (property) => property.attributes.get(`${ovf}password`) === "true",
  );
  t.deepEqual(
    masked.map((property) => property.attributes.get(`${ovf}key`)),
    ["activation_code", "proxy_password"],
  );
});

test("the licence arrives word for word, and the file is plain ASCII", (t) => {
  const source = renderDescriptor({
    ...sampleAppliance,
    licenceText: 'Überall "frei" & <offen>\n\u2028',
  });
  t.is(only(parseXml(source), "License").text, 'Überall "frei" & <offen>\n\u2028');
  t.true([...source].every((character) => character < "\x7f"));
});

test("the project's own licence fits the descriptor", async (t) => {
  const licenceText = await readFile(new URL("../../LICENSE", import.meta.url), "utf8");
  t.is(
    only(parseXml(renderDescriptor({ ...sampleAppliance, licenceText })), "License").text,
    licenceText,
  );
});

test("a control character that XML cannot carry is refused", (t) => {
  t.throws(() => renderDescriptor({ ...sampleAppliance, licenceText: "a\u0001b" }), {
    instanceOf: RangeError,
  });
});

for (const name of ["", "out rider", "outrider_1", "a/b", "ä"]) {
  test(`the name ${JSON.stringify(name)} is refused, because importers would change it`, (t) => {
    t.throws(() => renderDescriptor({ ...sampleAppliance, name }), { instanceOf: RangeError });
  });
}

test("a capacity that is not whole MiB is refused", (t) => {
  const disk = { ...sampleAppliance.disk, capacityBytes: 2 ** 30 + 512 };
  t.throws(() => renderDescriptor({ ...sampleAppliance, disk }), { instanceOf: RangeError });
});
