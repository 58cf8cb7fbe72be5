import { generateKeyPairSync } from "node:crypto";
import test from "ava";
import { certificatesIn } from "../../console/screens/certificates/pem.ts";
import { english } from "../../console/words/words.ts";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { CertificateAuthority } from "../../src/platform/certificates/authority.ts";
import { Person } from "./person.ts";
import { sceneReview } from "./scene-trial.ts";

const withPin = async (machine: string): Promise<Person> => {
  const person = await Person.at(machine);
  person.change({ secrets: { ...person.status.secrets, consolePin: true } });
  return person;
};

test("after the time that the settings say without a key the console locks, and opens with what was typed still there", async (t) => {
  const person = await withPin("one-nic");
  person.press("=1", "right", "tab", "=192.0.2.7");
  person.send({ type: "tick", monotonicMs: 15 * 60_000 - 1 });
  t.is(person.title(), "Network");
  person.send({ type: "tick", monotonicMs: 15 * 60_000 });
  t.is(person.title(), "Locked");
  t.notRegex(person.screen(), /192\.0\.2\.7/);
  person.press("f10", "escape", "=4711", "enter");
  t.deepEqual(person.asked().at(-1), { type: "ask", verb: "unlock", request: { pin: "4711" } });
  t.notRegex(person.screen(), /4711/);
  person.answer({ type: "reply", verb: "unlock", reply: { unlocked: true, retryAfterMs: 0 } });
  t.regex(person.screen(), /192\.0\.2\.7/);
  person.press("=7");
  t.regex(person.screen(), /192\.0\.2\.77/);
});

test("a console that starts with a PIN set starts locked; without one it never locks", async (t) => {
  const { status } = await withPin("scanning");
  const started = new Person(status);
  t.is(started.title(), "Locked");
  const open = await Person.at("scanning");
  open.send({ type: "tick", monotonicMs: 24 * 3_600_000 });
  t.is(open.title(), "Home");
});

test("a wrong PIN is reported with the time to wait, and no further PIN is checked meanwhile", async (t) => {
  const { status } = await withPin("scanning");
  const person = new Person(status);
  person.press("=1234", "enter");
  person.answer({
    type: "reply",
    verb: "unlock",
    reply: { unlocked: false, retryAfterMs: 20_000 },
  });
  t.regex(person.screen(), /next try is possible in 0:20/);
  const before = person.asked().length;
  person.press("=4711", "enter");
  t.is(person.asked().length, before);
  person.send({ type: "tick", monotonicMs: 20_000 });
  person.press("enter");
  t.is(person.asked().length, before + 1);
  person.answer({
    type: "failed",
    verb: "unlock",
    failure: { code: "configd-unreachable", detail: null },
  });
  t.regex(person.screen(), /cannot be opened now/);
});

test("a PIN is set only when it was typed twice alike, and changed only with the present one", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=9", "=5", "=secret", "tab", "=secre", "f2");
  t.deepEqual(person.asked(), []);
  person.press("=t", "f2");
  t.deepEqual(person.asked(), [
    { type: "ask", verb: "setPin", request: { current: null, pin: "secret" } },
  ]);
  person.change({ secrets: { ...person.status.secrets, consolePin: true } });
  person.answer({ type: "reply", verb: "setPin", reply: {} });
  person.press("f2");
  t.regex(person.screen(), /Type the PIN that is set now/);
});

test("a factory reset needs the appliance's own name, typed", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=9", "=7", "down", "enter", "=other", "tab", "enter");
  t.deepEqual(person.asked(), []);
  t.regex(person.screen(), /type outrider/);
  person.press("ctrl-u", "=outrider", "tab", "enter");
  t.deepEqual(person.asked(), [
    { type: "ask", verb: "factoryReset", request: { confirmation: "outrider" } },
  ]);
});

test("the network is reset only after a question whose safe answer is the chosen one", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=9", "=7", "enter", "enter");
  t.deepEqual(person.asked(), []);
  person.press("enter", "left", "enter");
  t.deepEqual(person.asked(), [{ type: "ask", verb: "recoverNetwork", request: {} }]);
});

test("a scan is stopped after a question, and only that one", async (t) => {
  const person = await Person.at("scanning");
  person.press("=6", "=s", "enter");
  t.deepEqual(person.asked(), []);
  person.press("=s", "left", "enter");
  t.deepEqual(person.asked(), [
    {
      type: "ask",
      verb: "stopScan",
      request: { jobId: person.status.agent?.jobs[0]?.jobId ?? "" },
    },
  ]);
});

test("logs follow new entries, and stand still while the operator scrolls", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=7");
  const entry = (number: number) => ({
    cursor: `s=1;i=${number}`,
    at: number,
    priority: 6,
    from: "agent",
    text: `line ${number}`,
  });
  person.answer({ type: "reply", verb: "logs", reply: { entries: [1, 2, 3].map(entry) } });
  person.send({ type: "tick", monotonicMs: 1000 });
  t.deepEqual(person.asked().at(-1), {
    type: "ask",
    verb: "logs",
    request: { source: "agent", lines: 500, after: "s=1;i=3" },
  });
  person.answer({ type: "reply", verb: "logs", reply: { entries: [4, 5].map(entry) } });
  t.regex(person.screen(), /line 5/);
  const asked = person.asked().length;
  person.press("up");
  person.send({ type: "tick", monotonicMs: 2000 });
  t.is(person.asked().length, asked);
  person.press("=/", "=line 2", "enter");
  t.regex(person.screen(), /line 2/);
  t.notRegex(person.screen(), /line 3/);
});

test("one check runs again, and the others keep their results", async (t) => {
  const person = await Person.at("one-nic");
  const check = (id: string, outcome: "ok" | "failed") => ({
    id,
    check: "dns" as const,
    subject: id,
    outcome,
    code: outcome === "ok" ? null : "dns-silent",
    detail: "",
    durationMs: 1,
  });
  person.press("=4");
  person.answer({
    type: "reply",
    verb: "doctor",
    reply: { results: [check("dns:a", "ok"), check("dns:b", "failed")] },
  });
  person.press("=r");
  t.deepEqual(person.asked().at(-1), { type: "ask", verb: "doctor", request: { only: "dns:b" } });
  person.answer({ type: "reply", verb: "doctor", reply: { results: [check("dns:b", "ok")] } });
  t.regex(person.screen(), /DNS server a +OK/);
  t.regex(person.screen(), /DNS server b +OK/);
});

test("a tool runs with the typed target, and not with an empty one or a range", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=4", "f6", "right", "tab", "ctrl-u", "f2");
  person.press("ctrl-u", "=10.0-255.0-255.1-254", "f2");
  t.is(person.asked().filter(({ verb }) => verb === "runTool").length, 0);
  t.regex(person.screen(), /is several hosts/);
  person.press("ctrl-u", "=platform.example.org", "f2");
  t.deepEqual(person.asked().at(-1), {
    type: "ask",
    verb: "runTool",
    request: {
      tool: "look-up",
      role: "lan",
      target: "platform.example.org",
      type: "address",
    },
  });
});

test("Esc stops a running tool and stays on the screen; then it leaves", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=4", "f6", "f2");
  t.regex(person.screen(), /Esc stops/);
  person.press("escape", "escape");
  t.is(person.asked().filter(({ verb }) => verb === "stopTool").length, 1);
  t.regex(person.screen(), /Stopping/);
  person.answer({
    type: "reply",
    verb: "runTool",
    reply: { outcome: "failed", code: "tool-stopped", verdict: [], lines: [], contacted: [] },
  });
  t.regex(person.screen(), /FAILED {2}It was stopped\./);
  person.press("escape");
  t.regex(person.screen(), /Diagnostics/);
});

test("another tool has another usual target, and one that was typed stays", async (t) => {
  const person = await Person.at("behind-broken-proxy");
  person.press("=4", "f6");
  t.regex(person.screen(), /\[192\.0\.2\.1 /);
  person.press("right", "right");
  t.regex(person.screen(), /\[platform\.example/);
  person.press("tab", "ctrl-u", "=other.example.org", "shift-tab", "right");
  t.regex(person.screen(), /\[other\.example\.org/);
});

test("a certificate comes in by its lines or with spaces for them, is shown, and goes to the review", async (t) => {
  const { certificate } = await CertificateAuthority.make(
    "Example inspection",
    systemClock,
    systemRandom,
  );
  const person = await Person.at("one-nic");
  person.press("=9", "=1", "f3");
  for (const line of certificate.trim().split("\n")) person.press(`=${line}`, "enter");
  t.regex(person.screen(), /Certificates added: 1\. Paste another one/);
  person.press("f2");
  t.regex(person.screen(), /Example inspection/);
  person.press("f8", "f3", `=${certificate.trim().replaceAll("\n", " ")}`, "f2");
  t.regex(person.screen(), /Example inspection/);
  person.press("f2");
  const asked = person.asked().at(-1);
  t.deepEqual(asked?.verb === "review" ? asked.request.settings.trust.certificates.length : 0, 1);
  t.deepEqual(certificatesIn("nothing"), []);
});

test("certificates that are pasted on the list are taken without F3, and no line of theirs is a command", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=9", "=1");
  for (const name of ["First box", "Second box"]) {
    const made = await CertificateAuthority.make(name, systemClock, systemRandom);
    for (const line of made.certificate.trim().split("\n")) person.press(`=${line}`, "enter");
    person.press("f2");
    t.regex(person.screen(), new RegExp(name));
  }
  t.deepEqual(
    person.asked().filter(({ verb }) => verb === "review"),
    [],
  );
  person.press("=?");
  t.regex(person.screen(), /Keys/, "a question mark still asks for the keys");
});

test("a certificate that is no authority's, a damaged one and a key are refused where they are added, with why", async (t) => {
  const own = await CertificateAuthority.make("Example CA", systemClock, systemRandom);
  const authority = await CertificateAuthority.load(own, systemClock, systemRandom);
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const leaf = await authority.issueServer(["leaf.example.org"]);
  const good = own.certificate.trim();
  const flat = (person: Person) => person.screen().replaceAll(/\s+/g, " ");
  const person = await Person.at("one-nic");
  const paste = (text: string) => {
    person.press("f3", `=${text.replaceAll("\n", " ")}`);
    const shown = person.screen();
    person.press("f2");
    return shown;
  };
  person.press("=9", "=1");

  const damaged = good.replace(/\nMII.{20}/, "\nMII");
  const shown = paste(damaged);
  t.regex(shown, /^ *-----END CERTIFICATE----- *$/m, "the armour is one line");
  t.regex(shown, /Certificates that can be read: 0/);
  t.regex(flat(person), /This begins as a certificate does, and cannot be read/);
  person.press("escape");

  paste(leaf.certificate.trim());
  t.regex(flat(person), /is not that of an authority/);
  person.press("escape");
  t.regex(person.screen(), /No extra certificate is set/);

  paste(pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString().trim());
  t.regex(flat(person), /This is a private key/);
  person.press("escape");

  t.regex(paste(good), /Certificates that can be read: 1/);
  t.regex(flat(person), /Certificates added: 1/);
  person.press("f8");
  paste(`${leaf.certificate.trim()} ${good}`);
  t.regex(flat(person), /Certificates added: 1.*One was left out: .* authority/);
  person.press("f2");
  t.is(person.asked().at(-1)?.verb, "review");
});

test("two cards are swapped, and a lease of the second becomes static", async (t) => {
  const { inSplitMode } = await import("./scenes-settings.ts");
  const person = await Person.at("two-nics");
  person.change(inSplitMode(person.status));
  const [first, second] = person.status.interfaces;
  person.press("=1", "f4", "f2");
  const asked = person.asked().at(-1);
  const network = asked?.verb === "review" ? asked.request.settings.network : null;
  t.deepEqual(
    [network?.lan.macAddress, network?.mode === "split" ? network.wan.macAddress : null],
    [second?.macAddress, first?.macAddress],
  );
  person.press(
    "escape",
    "f4",
    ..."tab "
      .repeat(12)
      .trim()
      .split(" ")
      .map(() => "tab" as const),
    "f5",
  );
  t.regex(person.screen(), /198\.51\.100\.50\/24/);
});

test("the lease of a VLAN becomes static, not that of the card below it, however the card was chosen", async (t) => {
  const { inSplitMode, onVlan } = await import("./scenes-settings.ts");
  for (const chosen of ["52:54:00:12:34:56", null]) {
    const person = await Person.at("two-nics");
    const status = onVlan(inSplitMode(person.status));
    const interfaces = status.interfaces.map((nic) =>
      nic.role === "lan"
        ? {
            ...nic,
            addresses: ["192.0.2.77/24"],
            origins: ["dhcp" as const],
            gateways: ["192.0.2.1"],
            gateway: "192.0.2.1",
            dhcp: true,
          }
        : nic,
    );
    const { network } = status.settings;
    person.change({
      interfaces,
      settings: {
        ...status.settings,
        network: { ...network, lan: { ...network.lan, macAddress: chosen, vlan: 42 } },
      },
    });
    person.press("=1", "f5");
    t.regex(person.screen(), /Now on lan: 192\.0\.2\.77\/24/, chosen ?? "first card");
    t.regex(person.screen(), /Address and mask +\[192\.0\.2\.77\/24/, chosen ?? "first card");
  }
});

test("earlier settings are tried by their number; the present ones are not", async (t) => {
  const { settingsScenes } = await import("./scenes-settings.ts");
  const person = await Person.at("update-waiting");
  person.press("=1", "f8");
  const told = settingsScenes
    .find(({ name }) => name === "history")
    ?.steps.find((step) => typeof step === "object" && "answer" in step);
  if (told === undefined || typeof told !== "object" || !("answer" in told)) return t.fail();
  person.answer(told.answer);
  person.press("up", "enter");
  t.is(person.asked().filter(({ verb }) => verb === "restore").length, 0);
  person.press("down");
  t.regex(person.screen(), /These settings, and those of now[\s\S]*192\.0\.2\.60\/24 +by DHCP/);
  person.press("enter");
  t.is(person.title(), "Review", "nothing is tried unseen");
  const asked = person.asked().at(-1);
  t.is(asked?.verb, "review");
  t.is(person.asked().filter(({ verb }) => verb === "restore").length, 0);
  person.answer({ type: "reply", verb: "review", reply: sceneReview });
  t.regex(person.screen(), /Back to the list/);
  person.press("escape");
  t.regex(person.screen(), /Enter shows what would change/);
  t.notRegex(person.screen(), /then applying/);
  person.press("enter");
  person.answer({ type: "reply", verb: "review", reply: sceneReview });
  person.press("f2");
  t.deepEqual(person.asked().at(-1), { type: "ask", verb: "restore", request: { number: 2 } });
});

test("Home says when a fallback is used, who decrypts the connection, and that the spool is full", async (t) => {
  const person = await Person.at("scanning");
  const { agent } = person.status;
  const screen = () => person.screen().replace(/\s+/g, " ");
  person.send({ type: "size", columns: 132, rows: 43 });
  if (agent === null) return t.fail("the described machine has an agent");
  t.notRegex(person.screen(), /decrypts|called directly/);
  person.change({
    agent: { ...agent, path: { route: "direct", fallback: true, issuer: "", intercepted: false } },
  });
  t.true(
    screen().includes("The proxy does not answer. The platform is called directly until it does."),
  );
  person.change({
    agent: {
      ...agent,
      path: {
        route: "proxy.example.test:3128",
        fallback: false,
        issuer: "Example Inspection CA",
        intercepted: true,
      },
    },
  });
  t.true(
    screen().includes(
      "Example Inspection CA decrypts the connection to the platform on the way. It can read, but not alter.",
    ),
  );
  const failure = { code: "spool-full", detail: "", at: person.status.now };
  person.change({ agent: { ...agent, spool: { usedBytes: 2, limitBytes: 1, failure } } });
  t.true(screen().includes(english.error("spool-full").what.slice(0, 30)));
});

test("a log that is empty is followed too", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=7");
  person.answer({ type: "reply", verb: "logs", reply: { entries: [] } });
  const asked = person.asked().length;
  person.send({ type: "tick", monotonicMs: 1000 });
  t.is(person.asked().length, asked + 1);
});

test("in split mode each side names a card that is there", async (t) => {
  const person = await Person.at("two-nics");
  person.press("=1", "right");
  const text = () => person.screen().replaceAll(/\s+/g, " ");
  person.send({ type: "size", columns: 132, rows: 60 });
  t.notRegex(text(), /card of this side is not there/);
  t.regex(text(), /LAN: scans Now on eth0: 192\.0\.2\.50/);
  t.regex(text(), /WAN: calls home Now on eth1/);
  t.regex(text(), /first free card \(eth0 52:54:00:12:34:56\)/);
  t.regex(text(), /first free card \(eth1 52:54:00:ab:cd:ef\)/);

  person.press("tab", "right", "right");
  t.regex(text(), /LAN: scans Now on eth1/, "LAN by hand on the other card");
  t.regex(text(), /WAN: calls home Now on eth0/, "WAN gets the card that is left");
  t.regex(text(), /used for scanning, and for nothing else/);

  person.press("f4");
  t.regex(text(), /have changed places/);
  t.regex(text(), /LAN: scans Now on eth0/);
  t.regex(text(), /WAN: calls home Now on eth1/);
});

test("a second side without a second card is not told to choose another", async (t) => {
  const person = await Person.at("two-nics");
  person.change({ interfaces: person.status.interfaces.slice(0, 1) });
  const network = person.status.settings.network;
  person.change({
    settings: {
      ...person.status.settings,
      network: { mode: "split", lan: network.lan, wan: network.lan },
    },
  });
  person.send({ type: "size", columns: 132, rows: 60 });
  person.press("=1");
  t.regex(person.screen(), /No card is left for this side/);
  person.press("f4");
  t.regex(person.screen(), /A side has no card/);
});

test("a log line that is longer than the screen is shown whole by Enter", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=7");
  t.is(person.title(), "Logs");
  const text = `heartbeat failed code="connect-unreachable" detail="${"no route ".repeat(9)}the end of it"`;
  person.answer({
    type: "reply",
    verb: "logs",
    reply: { entries: [{ cursor: "1", at: 0, from: "agent", priority: 4, text }] },
  });
  t.notRegex(person.screen(), /the end of it/);
  person.press("enter");
  t.regex(person.screen().replaceAll(/\s+/g, " "), /the end of it/);
  person.press("enter");
  t.notRegex(person.screen(), /the end of it/);
});

test("a locked console whose PIN cannot be opened says so, and stays locked", async (t) => {
  const { status } = await Person.at("one-nic");
  const person = new Person({ ...status, secrets: { ...status.secrets, consolePin: true } });
  person.press("=0000", "enter");
  person.answer({
    type: "failed",
    verb: "unlock",
    failure: { code: "pin-damaged", detail: "" },
  });
  t.is(person.title(), "Locked");
  const text = person.screen().replaceAll(/\s+/g, " ");
  t.regex(text, /stored PIN cannot be opened, so no PIN opens this console/);
  t.regex(text, /attach a new disk/);
});

test("a locked console shows the way when the PIN is forgotten", async (t) => {
  const { status } = await Person.at("one-nic");
  const person = new Person({ ...status, secrets: { ...status.secrets, consolePin: true } });
  const text = () => person.screen().replaceAll(/\s+/g, " ");
  t.notRegex(text(), /Nothing that was typed is lost/, "what was typed before a restart is");
  person.press("=0000", "enter");
  person.answer({ type: "reply", verb: "unlock", reply: { unlocked: false, retryAfterMs: 0 } });
  t.regex(text(), /Forgotten\? At a root shell/);
  person.press("f1");
  t.regex(text(), /secrets\/console-pin/);
});

test("a call is not promised by an appliance that is not enrolled", async (t) => {
  const person = await Person.at("not-enrolled");
  person.press("=c");
  person.answer({ type: "reply", verb: "callNow", reply: {} });
  t.regex(
    person.screen().replaceAll(/\s+/g, " "),
    /not enrolled yet: there is no platform to call/,
  );
});

test("More settings keeps the focus when its fields appear above it, and can be undone", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=1", "tab", "tab", "tab", "tab");
  t.regex(person.screen(), /> More settings/);
  person.press("right");
  t.regex(person.screen(), /> More settings +\( \) no +\(\*\) yes/);
  person.press("left");
  t.regex(person.screen(), /> More settings +\(\*\) no/);
  t.notRegex(person.screen(), /VLAN tag +\[/);
});
