import test from "ava";
import type { OutriderError } from "../../src/base/messages/error.ts";
import { defaultPacLimits, type PacLimits } from "../../src/transport/pac/limits.ts";
import { PacEngine } from "../../src/transport/pac/pac-process.ts";
import type { Resolve } from "../../src/transport/stages/resolve.ts";
import { patientPacLimits } from "../testkit/proxies/patient-limits.ts";

const nothing: Resolve = async () => [];
const wednesday = Date.UTC(2026, 2, 4, 12, 34, 56);

function evaluate(
  script: string,
  resolve = nothing,
  signal = new AbortController().signal,
  limits: PacLimits = patientPacLimits,
): Promise<string> {
  const question = {
    script,
    url: "https://platform.example.org/",
    host: "platform.example.org",
    nowMs: wednesday,
    ownAddress: "192.0.2.10",
  };
  return new PacEngine(limits).evaluate(question, resolve, signal);
}

const find = (body: string) => `function FindProxyForURL(url, host) { ${body} }`;

test("FindProxyForURLEx is called where FindProxyForURL is missing", async (t) => {
  const extended = (way: string) => `function FindProxyForURLEx(url, host) { return ${way}; }`;
  t.is(await evaluate(extended('"PROXY ex:1"')), "PROXY ex:1");
  t.is(
    await evaluate(`${extended('"PROXY ex:1"')} ${find('return "PROXY usual:1";')}`),
    "PROXY usual:1",
  );
  t.is(await evaluate(`var FindProxyForURL = 1; ${extended("host")}`), "platform.example.org");
  t.is(
    await evaluate(
      extended('sortIpAddressList("10.0.0.2;10.0.0.1") + isInNetEx("10.0.0.1", "10.0.0.0/8")'),
    ),
    "10.0.0.1;10.0.0.2true",
  );
  const error = await t.throwsAsync<OutriderError>(evaluate("function FindProxy() {}"));
  t.regex(error?.detail ?? "", /no function FindProxyForURL/);
});

test("a script may ask for names of any script, and of any meaning to this program", async (t) => {
  const asked: string[] = [];
  const resolve: Resolve = async (name) => {
    asked.push(name);
    return ["192.0.2.7"];
  };
  const names = ["m\u00fcnchen.example", "\u4f8b\u3048.example", "__proto__", "constructor"];
  const script = find(`return ${names.map((name) => `dnsResolve("${name}")`).join(' + ";" + ')};`);
  t.is(await evaluate(script, resolve), names.map(() => "192.0.2.7").join(";"));
  t.deepEqual(asked.toSorted(), [
    "__proto__",
    "constructor",
    "xn--mnchen-3ya.example",
    "xn--r8jz45g.example",
  ]);
  asked.length = 0;
  t.is(await evaluate(find('return String(dnsResolve("a\u3000b c"))'), resolve), "null");
  t.deepEqual(asked, []);
});

test("a script decides by host, by time and by what names resolve to", async (t) => {
  t.is(await evaluate(find('return "PROXY a:1; DIRECT";')), "PROXY a:1; DIRECT");
  t.is(
    await evaluate(
      find(
        'if (dnsDomainIs(host, ".example.org") && url == "https://platform.example.org/") return "PROXY b:2";',
      ),
    ),
    "PROXY b:2",
  );
  t.is(
    await evaluate(find('return weekdayRange("WED", "GMT") ? "PROXY wednesday:1" : "DIRECT";')),
    "PROXY wednesday:1",
  );
  t.is(await evaluate(find("return null;")), "");
  const asked: string[] = [];
  const resolve: Resolve = async (name) => {
    asked.push(name);
    if (name === "inside.example.org") return ["10.1.2.3"];
    throw new Error("no such name");
  };
  const byName = find(
    'try { if (isInNet("inside.example.org", "10.0.0.0", "255.0.0.0") && !isResolvable("outside.example.org")) return "PROXY inside:1"; } catch (e) {} return "DIRECT";',
  );
  t.is(await evaluate(byName, resolve), "PROXY inside:1");
  t.deepEqual(asked, ["inside.example.org", "outside.example.org"]);
});

test("the script has nothing but its functions", async (t) => {
  const script = find(`
    var found = ["process", "require", "fetch", "module", "WebAssembly", "Deno", "std", "os", "setTimeout", "XMLHttpRequest"].filter(function (name) {
      return typeof globalThis[name] !== "undefined";
    });
    return found.join(",");`);
  t.is(await evaluate(script), "");
  // The way out of Node's own vm module: here it ends in the engine's own Function.
  t.is(
    await evaluate(find('return String(this.constructor.constructor("return typeof process")());')),
    "undefined",
  );
  t.is(
    await evaluate(find('return String(myIpAddress.constructor("return typeof process")());')),
    "undefined",
  );
});

/** The last column: only killing the process ends the script. */
const hostile: [string, string, RegExp, "killed"?][] = [
  ["loops forever", "while (true) {}", /takes longer|no answer within|interrupted/],
  [
    "swallows its own interruption",
    "for (;;) { try { for (;;) {} } catch (e) {} }",
    /takes longer|no answer within|interrupted/,
  ],
  [
    "loops where the engine does not look",
    "[].fill.call({ length: 9e15 }, 0); return 'DIRECT';",
    /takes longer|no answer within|memory/,
    "killed",
  ],
  [
    "searches where the engine does not look",
    "return String([].indexOf.call({ length: 9e15 }, 1));",
    /takes longer|no answer within/,
    "killed",
  ],
  [
    "takes all memory",
    "var a = []; for (;;) a.push(new Array(1000).join('x'));",
    /memory|takes longer|no answer/,
    "killed",
  ],
  ["calls itself forever", "return FindProxyForURL(url, host);", /stack|recursion/i],
  [
    "backtracks forever",
    `return String(/^(a+)+$/.test("${"a".repeat(60)}b"));`,
    /takes longer|no answer within|interrupted|memory|null/,
    "killed",
  ],
  ["throws", "throw new Error('as it likes \\u001b[31m');", /^Error: as it likes \?\[31m$/],
  ["gives no text", "return { toString: function () { return 'DIRECT'; } };", /gives no text/],
  [
    "asks for ever more names",
    "return String(dnsResolve('n' + Math.random() + '.example.org'));",
    /ever more names/,
  ],
];
for (const [name, body, expected, killed] of hostile) {
  test(`a script that ${name} is ended and named`, async (t) => {
    const error = await t.throwsAsync<OutriderError>(
      evaluate(find(body), nothing, new AbortController().signal, {
        ...patientPacLimits,
        ...(expected.source.includes("takes longer")
          ? { scriptMs: defaultPacLimits.scriptMs }
          : {}),
        ...(killed ? { evaluationMs: defaultPacLimits.evaluationMs } : {}),
      }),
    );
    t.is(error?.code, "proxy-pac-failed");
    t.regex(error?.detail ?? "", expected);
  });
}

test("a text that is no script, or has no such function, is reported as such", async (t) => {
  t.regex(
    (await t.throwsAsync<OutriderError>(evaluate("<html>Log in</html>")))?.detail ?? "",
    /SyntaxError/,
  );
  t.regex(
    (await t.throwsAsync<OutriderError>(evaluate("var x = 1;")))?.detail ?? "",
    /no function FindProxyForURL/,
  );
});

test("a question can be withdrawn", async (t) => {
  const stop = new AbortController();
  const evaluation = evaluate(find("while (true) {}"), nothing, stop.signal);
  stop.abort(new Error("enough"));
  t.is((await t.throwsAsync(evaluation))?.message, "enough");
});

test("questions at once share one process, and one that is bad does not spoil the others", async (t) => {
  // One of these scripts must run into the limit, the others must not.
  const engine = new PacEngine({ ...patientPacLimits, scriptMs: 5000 });
  const ask = (body: string) => {
    const question = {
      script: find(body),
      url: "https://a.example.org/",
      host: "a.example.org",
      nowMs: wednesday,
      ownAddress: "192.0.2.10",
    };
    return engine
      .evaluate(question, nothing, new AbortController().signal)
      .catch((error: OutriderError) => error.code);
  };
  const answers = await Promise.all([
    ask('return "PROXY a:1";'),
    ask("throw 1;"),
    ask("while (true) {}"),
    ask("globalThis.x = 1; return 'PROXY b:1';"),
    ask("return typeof x;"),
  ]);
  t.deepEqual(answers, [
    "PROXY a:1",
    "proxy-pac-failed",
    "proxy-pac-failed",
    "PROXY b:1",
    "undefined",
  ]);
});
