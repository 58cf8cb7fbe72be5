import test from "ava";
import { splitProxyAddress } from "../../console/screens/proxy/split-address.ts";
import type { Status } from "../../src/configd/api/status.ts";
import { Person } from "./person.ts";
import { sceneTimeMs } from "./scene.ts";

const flat = (person: Person) => person.screen().replaceAll(/\s+/g, " ");

async function failingAfter(agoMs: number): Promise<Person> {
  const person = await Person.at("tls-inspection");
  const { agent } = person.status;
  const lastTrial: Status["lastTrial"] = {
    id: "1",
    by: { how: "console", who: "", why: "" },
    at: sceneTimeMs - agoMs,
    end: "kept",
    detail: "",
  };
  person.change({ lastTrial, agent: agent && { ...agent, state: "failing" } });
  return person;
}

test("a failure in the seconds after a change is tried again, and only later a failure with a remedy", async (t) => {
  const soon = await failingAfter(5000);
  t.regex(flat(soon), /The settings have just changed\. Trying again/);
  t.regex(flat(soon), /Next: Wait: the settings have just changed/);
  t.notRegex(flat(soon), /NOT CONNECTED|FAILED/);
  const later = await failingAfter(31_000);
  t.regex(flat(later), /NOT CONNECTED/);
  t.notRegex(flat(later), /just changed/);
  soon.send({ type: "tick", monotonicMs: 27_000 });
  t.regex(flat(soon), /NOT CONNECTED/, "by the passing of time alone");
  const turnedBack = await failingAfter(-5000);
  t.regex(flat(turnedBack), /NOT CONNECTED/, "a clock that was turned back delays nothing");
});

test("while the appliance ends itself the banner says so, and not that nothing is lost", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=9", "=7", "down", "enter", `=${person.status.hostname}`, "enter", "enter");
  t.is(person.asked().at(-1)?.verb, "factoryReset");
  person.send({ type: "disconnected" });
  t.regex(flat(person), /Everything is being removed/);
  t.notRegex(flat(person), /nothing is lost/);
  person.change({});
  person.send({ type: "disconnected" });
  t.regex(flat(person), /nothing is lost/, "another loss of configd is another thing");

  const refused = await Person.at("one-nic");
  refused.press("=5", "enter", "left", "enter");
  t.like(refused.asked().at(-1), { verb: "power", request: { action: "reboot" } });
  refused.answer({
    type: "failed",
    verb: "power",
    failure: { code: "system-failed", detail: null },
  });
  refused.send({ type: "disconnected" });
  t.regex(flat(refused), /nothing is lost/);
});

test("Esc in the review's YAML goes back to the changes, and only then to the form", async (t) => {
  const { sceneReview } = await import("./scene-trial.ts");
  const person = await Person.at("one-nic");
  person.press("=1", "right", "tab", "=192.0.2.60/24", "tab", "=192.0.2.1", "tab", "=192.0.2.53");
  person.press("f2");
  person.answer({ type: "reply", verb: "review", reply: sceneReview });
  person.press("f4");
  t.regex(person.screen(), /netplan YAML that would be written/);
  person.press("escape");
  t.is(person.title(), "Review");
  t.regex(person.screen(), /This would change/);
  person.press("escape");
  t.is(person.title(), "Network");
});

test("a proxy's address as other programs have it is taken apart when the field is left", async (t) => {
  const taken: readonly [string, object | null][] = [
    ["proxy:8080", { kind: "http", tls: false, host: "proxy", port: "8080" }],
    ["http://proxy.example.org:3128/", { kind: "http", host: "proxy.example.org", port: "3128" }],
    ["HTTPS://proxy.example.org", { kind: "http", tls: true, port: "443" }],
    ["socks5://[2001:db8::5]:1080", { kind: "socks5", host: "2001:db8::5", port: "1080" }],
    [" 192.0.2.9:80 ", { host: "192.0.2.9", port: "80" }],
    ["proxy.example.org", null],
    ["2001:db8::5", null],
    ["http://anna:secret@proxy:8080", null],
    ["http://proxy.example.org:8080/x", null],
    ["ftp://proxy:21", null],
  ];
  for (const [typed, place] of taken) {
    const found = splitProxyAddress(typed, { kind: "http", tls: false });
    if (place === null) t.is(found, null, typed);
    else t.like(found, place, typed);
  }
  const person = await Person.at("behind-broken-proxy");
  person.press("=2", "tab", "ctrl-u", "=https://proxy.example.net:8443", "tab");
  t.regex(person.screen(), /\[proxy\.example\.net +\]/);
  t.regex(person.screen(), /\[8443 +\]/);
  t.regex(flat(person), /Taken apart: proxy\.example\.net, port 8443/);
  t.regex(flat(person), /\(\*\) yes/, "TLS to the proxy");
  person.press("f2");
  const asked = person.asked().at(-1);
  t.like(asked?.verb === "review" ? asked.request.settings : {}, {
    proxy: { host: "proxy.example.net", port: 8443, tls: true },
  });
});

test("a locked console shows addresses, the connection, and what to do when the PIN is forgotten", async (t) => {
  const { status } = await Person.at("update-waiting");
  const person = new Person({ ...status, secrets: { ...status.secrets, consolePin: true } });
  t.regex(flat(person), /Locked/);
  t.regex(flat(person), /192\.0\.2\.\d+\/24 \(static\)/);
  t.regex(flat(person), /Connected to/);
  t.regex(flat(person), /Forgotten\? At a root shell/);
  person.press("f1");
  t.regex(flat(person), /attach a new disk/);
});

test("Enter in the field to try keys takes the layout and says so; the next one goes on", async (t) => {
  const { status } = await Person.at("not-enrolled");
  const person = new Person({ ...status, settingsSource: "defaults" }, { atMachine: true });
  const before = person.title();
  person.press("down", "tab", "=abc", "enter");
  const asked = person.asked().at(-1);
  t.is(asked?.verb, "setKeyboard");
  person.answer({ type: "reply", verb: "setKeyboard", reply: {} });
  t.is(person.title(), before);
  t.regex(flat(person), /abc/);
  person.press("enter");
  t.is(person.title(), "Home");
});

test("Up and Down choose in the list of keyboards under More as on the first screen, and Tab leaves it", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=9", "=4");
  t.is(person.title(), "Language and keyboard");
  person.press("tab");
  t.regex(person.screen(), /> Keyboard/);
  const chosen = () => /\(\*\) ([^\n]*)/.exec(person.screen().split("Keyboard")[1] ?? "")?.[1];
  const first = chosen();
  person.press("down");
  t.regex(person.screen(), /> Keyboard/);
  t.not(chosen(), first);
  person.press("up");
  t.is(chosen(), first);
  person.press("tab");
  t.notRegex(person.screen(), /> Keyboard/);
});

test("the firewall's text gets out: on a stick, on the one of several that is chosen, and to the platform", async (t) => {
  const person = await Person.at("one-nic");
  const volume = (id: string, writable = true) => ({
    id,
    label: id.toUpperCase(),
    fileSystem: "vfat",
    sizeBytes: 8e9,
    writable,
  });
  person.press("=9", "=8");
  t.is(person.title(), "Firewall rules");
  t.regex(flat(person), /F2 On a stick F4 To the platform/);
  person.press("f2", "f2");
  t.is(person.asked().filter(({ verb }) => verb === "volumes").length, 1);
  person.answer({ type: "reply", verb: "volumes", reply: { volumes: [volume("sr0", false)] } });
  t.regex(flat(person), /No stick is there that can be written to/);

  person.press("f2");
  person.answer({
    type: "reply",
    verb: "volumes",
    reply: { volumes: [volume("sdb1"), volume("sr0", false)] },
  });
  t.like(person.asked().at(-1), { verb: "saveFirewallText", request: { volume: "sdb1" } });
  const file = "outrider-firewall-20261112T0314.txt";
  person.answer({ type: "reply", verb: "saveFirewallText", reply: { file, bytes: 900 } });
  t.regex(flat(person), /Written: outrider-firewall-20261112T0314\.txt/);

  person.press("f2");
  person.answer({
    type: "reply",
    verb: "volumes",
    reply: { volumes: [volume("sdb1"), volume("sdc1")] },
  });
  person.press("down", "enter");
  t.like(person.asked().at(-1), { verb: "saveFirewallText", request: { volume: "sdc1" } });
  person.answer({
    type: "failed",
    verb: "saveFirewallText",
    failure: { code: "volume-missing", detail: null },
  });
  t.is(person.title(), "Firewall rules");

  person.press("f4");
  t.is(person.asked().at(-1)?.verb, "sendSupportBundle");
  person.answer({ type: "reply", verb: "sendSupportBundle", reply: {} });
  t.regex(flat(person), /the text is in it, as firewall\.txt/);
});

test("a revealed password with a sign that the screen lacks is said to be taken as typed", async (t) => {
  const status = (await Person.at("one-nic")).status;
  const typed = (atMachine: boolean, password: string) => {
    const person = new Person(status, { atMachine }).press("=2", "right", "tab");
    while (!/> Password/.test(person.screen())) person.press("tab");
    return person.press(`=${password}`);
  };
  const note = /It is taken as you typed it/;
  for (const [atMachine, password, isTold] of [
    [true, "a€b", true],
    [true, "aüb", false],
    [false, "aüb", true],
    [false, "a?b", false],
  ] as const) {
    const person = typed(atMachine, password);
    t.notRegex(flat(person), note, "hidden");
    t.is(note.test(flat(person.press("ctrl-r"))), isTold, password);
  }
});

test("the described machine to which updates were announced shows them", async (t) => {
  const person = (await Person.at("update-waiting")).press("=8");
  t.regex(flat(person), /signatures \(base\) 2026\.11\.11/);
  t.regex(flat(person), /\(outrider\) 0\.3\.0/);
  t.notRegex(flat(person), /has published nothing/);
});

test("help that is longer than the screen is read to its end, and any other key closes it", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=3", "tab", "f1");
  t.regex(flat(person), /Help: .*more below: PgDn/);
  const first = person.screen();
  for (let page = 0; page < 9; page++) {
    person.press("page-down");
  }
  t.regex(person.screen(), /more above/);
  t.notRegex(person.screen(), /more below/);
  for (let page = 0; page < 9; page++) person.press("page-up");
  t.is(person.screen(), first);
  person.press("=x");
  t.notRegex(flat(person), /Help: /);
});
