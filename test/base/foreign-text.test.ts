import test from "ava";
import fc from "fast-check";
import { decodeForeignText } from "../../src/base/foreign-text.ts";

const utf16le = (text: string) => Buffer.from(text, "utf16le");
const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();
const decoded = (bytes: Uint8Array, declared?: string) => {
  const result = decodeForeignText(bytes, declared);
  return result.ok ? result.text : result.wrong;
};

test("a byte order mark decides, and is no part of the text", (t) => {
  const text = "proxy_password=grün €";
  t.is(decoded(Buffer.from(text)), text);
  t.is(decoded(Buffer.from(`\ufeff${text}`)), text);
  t.is(decoded(utf16le(`\ufeff${text}`)), text, "PowerShell's Set-Content -Encoding Unicode");
  t.is(decoded(utf16be(`\ufeff${text}`)), text);
  const xml = `<?xml version="1.0" encoding="ISO-8859-1"?><a>${text}</a>`;
  t.is(decoded(utf16le(`\ufeff${xml}`)), xml, "the mark wins over the declaration");
  t.like(decoded(Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])), {
    code: "given-encoding",
    values: { encoding: "UTF-32" },
  });
});

test("UTF-16 without a mark is known by its zero bytes (XML 1.0, appendix F; cmd /u)", (t) => {
  t.is(decoded(utf16le("hostname=a")), "hostname=a");
  t.is(decoded(utf16be("<?xml version='1.0'?><a/>")), "<?xml version='1.0'?><a/>");
  t.is(decoded(Buffer.from("a=b\0\0")), "a=b\0\0", "padding is not");
});

test("an encoding that XML declares is used (XML 1.0, section 4.3.3)", (t) => {
  const xml = (encoding: string, text: string) =>
    `<?xml version="1.0" encoding="${encoding}" standalone="yes"?><a>${text}</a>`;
  t.is(
    decoded(Buffer.from(xml("ISO-8859-1", "grün"), "latin1")),
    xml("ISO-8859-1", "grün"),
    "Latin-1",
  );
  const euro = Buffer.from(xml("windows-1252", "X"), "latin1");
  euro[euro.lastIndexOf("X")] = 0x80;
  t.is(decoded(euro), xml("windows-1252", "€"));
  const cyrillic = Buffer.from(xml("koi8-r", "X"), "latin1");
  cyrillic[cyrillic.lastIndexOf("X")] = 0xc1;
  t.is(decoded(cyrillic), xml("koi8-r", "а"));
  for (const label of ["UTF-16", "utf-8", "US-ASCII"])
    t.is(decoded(Buffer.from(xml(label, "grün"))), xml(label, "grün"), label);
  t.like(decoded(Buffer.from(xml("EBCDIC-37", "x"))), {
    code: "given-encoding",
    values: { encoding: "ebcdic-37" },
  });
  t.is(decoded(Buffer.from("gr\xfcn", "latin1"), "iso-8859-15"), "grün", "as a MIME header says");
});

test("other bytes are refused, with their line", (t) => {
  for (const text of ["a=b\nproxy_password=gr\xfcn\n", "\n\x80", "\nab\xc3", "x\n\xed\xa0\x80"])
    t.deepEqual(decoded(Buffer.from(text, "latin1")), {
      code: "given-not-utf8",
      values: { line: 2 },
    });
  t.like(decoded(Buffer.from([0xfe, 0xff, 0xd8, 0x00, 0, 0x61])), { code: "given-not-encoding" });
});

test("any bytes are decoded without a replaced character, or refused", (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom(
        "",
        "<?xml version='1.0' encoding='",
        "<?xml version='1.0' encoding='latin1'?>",
        "\xff\xfe",
        "\xfe\xff",
      ),
      fc.option(fc.string({ maxLength: 12 }), { nil: undefined }),
      (bytes, start, declared) => {
        const whole = Buffer.concat([Buffer.from(start, "latin1"), bytes]);
        const result = decodeForeignText(whole, declared);
        if (!result.ok) return result.wrong.code.startsWith("given-");
        const given = [
          [0xef, 0xbf, 0xbd],
          [0xfd, 0xff],
          [0xff, 0xfd],
        ];
        return (
          !result.text.includes("\ufffd") ||
          given.some((bytes) => whole.includes(Buffer.from(bytes)))
        );
      },
    ),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const marked = `\ufeff${text}`;
      for (const bytes of [Buffer.from(marked), utf16le(marked), utf16be(marked)]) {
        const result = decodeForeignText(bytes);
        if (!result.ok || result.text !== text.replace(/^\ufeff/, "")) return result.ok === false;
      }
      return true;
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
