import test from "ava";
import { contextOf, topOf } from "../../console/app/state.ts";
import { viewApp } from "../../console/app/view.ts";
import { frameText } from "../../console/frame/frame.ts";
import { makeActivationCode } from "../../src/base/activation-code.ts";
import { Person } from "./person.ts";
import { type Stroke, sceneTimeMs } from "./scene.ts";
import { checksBad, sceneReview, sceneTrial } from "./scene-trial.ts";

const fillStatic: Stroke[] = [
  "=1",
  "right",
  "tab",
  "=192.0.2.60/24",
  "tab",
  "=192.0.2.1",
  "tab",
  "=192.0.2.53",
];

test("a static address with a dotted mask is asked for as settings with a prefix", async (t) => {
  const person = await Person.at("one-nic");
  person.press(
    "=1",
    "right",
    "tab",
    "=192.0.2.60 255.255.255.0",
    "tab",
    "=192.0.2.1",
    "tab",
    "=192.0.2.53, 192.0.2.54",
    "f2",
  );
  const [ask] = person.asked();
  t.is(ask?.verb, "review");
  if (ask?.verb !== "review") return;
  const { lan } = ask.request.settings.network;
  t.deepEqual(lan.ipv4, { method: "static", address: "192.0.2.60/24", gateway: "192.0.2.1" });
  t.deepEqual(lan.dns.servers, ["192.0.2.53", "192.0.2.54"]);
});

test("an error is shown at its field when the field loses the focus, not before and not only at the end", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=1", "right", "tab", "=192.0.2.300");
  t.notRegex(person.screen(), /is not an IPv4 address/);
  person.press("tab");
  t.regex(person.screen(), /192\.0\.2\.300 is not an IPv4 address/);
  person.press("shift-tab", "backspace", "backspace", "backspace", "=30/24");
  t.notRegex(person.screen(), /is not an IPv4 address/);
});

test("the button goes to the first field that is wrong, and asks configd nothing", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=1", "right", "f2");
  t.deepEqual(person.asked(), []);
  t.regex(person.screen(), /> Address and mask/);
  t.regex(person.screen(), /Correct the fields marked/);
});

test("a lease can be taken over as a static address", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=1", "f5");
  t.regex(person.screen(), /\(\*\) static[\s\S]*192\.0\.2\.50\/24[\s\S]*192\.0\.2\.1/);
  person.press("f2");
  t.is(person.asked()[0]?.verb, "review");
});

test("nothing that was typed is lost by an error, a resize, configd's restart or another status", async (t) => {
  const person = await Person.at("one-nic");
  person.press(...fillStatic);
  const before = frameText(viewApp(person.state).frame).slice(2, -2);
  person.send({ type: "size", columns: 20, rows: 5 });
  person.send({ type: "size", columns: 80, rows: 24 });
  person.send({ type: "disconnected" });
  t.regex(person.screen(), /does not answer/);
  person.change({ revision: 1, hostname: "outrider" });
  t.deepEqual(frameText(viewApp(person.state).frame).slice(2, -2), before);
});

test("unsaved changes are asked about, and kept unless they are discarded", async (t) => {
  const person = await Person.at("one-nic", true);
  for (const away of ["escape", "f10", "ctrl-q"] as const) {
    person.press("f10", "=1", "right", away);
    t.is(person.title(), "Unsaved changes", away);
    person.press("enter");
    t.regex(person.screen(), /\(\*\) static/);
    person.press("escape", "right", "enter");
    t.is(person.title(), "Home");
  }
  t.false(person.effects.some(({ type }) => type === "leave"));
});

test("a form without changes is left without a question", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=2", "tab", "escape");
  t.is(person.title(), "Home");
});

test("the box's console cannot be left, a dry run's can", async (t) => {
  const box = await Person.at("one-nic");
  box.press("ctrl-q", "ctrl-c", "escape", "=0");
  t.deepEqual(box.effects, []);
  const dry = await Person.at("one-nic", true);
  dry.press("ctrl-q");
  t.deepEqual(dry.effects, [{ type: "leave" }]);
});

test("review, trial, keep: each step asks configd and the form is done with at the end", async (t) => {
  const person = await Person.at("one-nic");
  person.press(...fillStatic, "f2");
  person.answer({ type: "reply", verb: "review", reply: sceneReview });
  t.regex(person.screen(), /DHCP +-> +static/);
  person.press("enter");
  t.is(person.asked().at(-1)?.verb, "try");
  const trial = sceneTrial("checking", [], null);
  person.answer({ type: "reply", verb: "try", reply: trial });
  t.is(person.title(), "Trial");
  person.change({ trial });
  person.press("=k");
  t.deepEqual(person.asked().at(-1), { type: "ask", verb: "keep", request: { id: trial.id } });
  person.answer({ type: "reply", verb: "keep", reply: {} });
  person.change({
    trial: null,
    lastTrial: { id: trial.id, by: trial.by, at: sceneTimeMs, end: "kept", detail: "" },
  });
  t.is(person.title(), "Home");
  t.regex(person.screen(), /The new settings are kept/);
});

test("after a trial that was reverted, the form is there again with what was typed", async (t) => {
  const person = await Person.at("one-nic");
  person.press(...fillStatic, "f2");
  person.answer({ type: "reply", verb: "review", reply: sceneReview });
  person.press("enter");
  const trial = sceneTrial("waiting", [], "revert");
  person.answer({ type: "reply", verb: "try", reply: trial });
  person.change({ trial });
  person.press("=r");
  person.change({
    trial: null,
    lastTrial: { id: trial.id, by: trial.by, at: sceneTimeMs, end: "reverted", detail: "" },
  });
  t.is(person.title(), "Network");
  t.regex(person.screen(), /192\.0\.2\.60\/24/);
});

test("the advice selects the button until the operator does", async (t) => {
  const person = await Person.at("one-nic");
  person.change({ trial: sceneTrial("checking", [], null) });
  t.regex(person.screen(), /\[> Revert <\]/, "before the checks have ended, the safe choice");
  person.change({ trial: sceneTrial("waiting", [], "keep") });
  t.regex(person.screen(), /\[> Keep <\]/);
  person.press("right");
  person.change({ trial: sceneTrial("waiting", [], "keep") });
  t.regex(person.screen(), /\[> Revert <\]/);
});

test("settings that do not work yet lead back to the form, and Keep is not preselected", async (t) => {
  const trial = { ...sceneTrial("waiting", checksBad, "not-yet"), checksBefore: checksBad };
  const person = await Person.at("one-nic");
  person.press(...fillStatic, "f2");
  person.answer({ type: "reply", verb: "review", reply: sceneReview });
  person.press("enter");
  const checking = sceneTrial("checking", [], null);
  person.answer({ type: "reply", verb: "try", reply: checking });
  person.change({ trial: checking });
  person.press("right", "left");
  person.change({ trial });
  const screen = person.screen().replaceAll(/\s+/g, " ");
  t.regex(screen, /Not there yet: The gateway does not answer/);
  t.regex(screen, /\[> Back to the form <\]/);
  t.regex(screen, /What: .* Why: .* Do: /);
  person.press("enter");
  t.deepEqual(person.asked().at(-1), { type: "ask", verb: "revert", request: { id: trial.id } });
  person.change({
    trial: null,
    lastTrial: { id: trial.id, by: trial.by, at: sceneTimeMs, end: "reverted", detail: "" },
  });
  t.is(person.title(), "Network");
  t.regex(person.screen(), /192\.0\.2\.60\/24/);
});

test("settings that do not work yet and were typed elsewhere are reverted, unless they are kept by hand", async (t) => {
  const trial = sceneTrial("waiting", checksBad, "not-yet");
  const person = await Person.at("one-nic");
  person.change({ trial });
  t.regex(person.screen(), /\[> Revert <\]/);
  t.notRegex(person.screen(), /Back to the form/, "there is none");
  person.press("=k");
  t.deepEqual(person.asked().at(-1), { type: "ask", verb: "keep", request: { id: trial.id } });
});

test("a trial that began elsewhere opens over Home, and shows only a banner over a form", async (t) => {
  const idle = await Person.at("one-nic");
  idle.change({ trial: sceneTrial("checking", [], null) });
  t.is(idle.title(), "Trial");
  idle.press("escape");
  idle.change({ trial: sceneTrial("waiting", [], "keep") });
  t.is(idle.title(), "Home", "once left, it does not come back by itself");
  t.regex(idle.screen(), /reverts by itself in 1:41/);

  const busy = await Person.at("one-nic");
  busy.press("=1", "right");
  busy.change({ trial: sceneTrial("checking", [], null) });
  t.is(busy.title(), "Network");
  busy.press("f9");
  t.is(busy.title(), "Trial");
  busy.press("escape");
  t.regex(busy.screen(), /\(\*\) static/);
});

test("the countdown follows the remaining time that configd reported, not the clock", async (t) => {
  const person = await Person.at("one-nic");
  person.change({ trial: { ...sceneTrial("waiting", [], "keep"), deadlineAt: 5 } });
  person.send({ type: "tick", monotonicMs: 31_000 });
  t.regex(person.screen(), /in 1:10/);
});

test("a proxy's password goes out once, is never shown unless revealed, and an empty field keeps the old one", async (t) => {
  const person = await Person.at("behind-broken-proxy");
  person.press("=2", "tab", "tab", "tab", "tab", "tab", "end", "=x", "f2");
  const [kept] = person.asked();
  t.deepEqual(kept?.verb === "review" ? Object.hasOwn(kept.request, "proxyPassword") : null, false);
  person.press("escape", "tab", "=open sesame");
  t.notRegex(person.screen(), /sesame/);
  person.press("ctrl-r");
  t.regex(person.screen(), /open sesame/);
  person.press("tab");
  t.notRegex(person.screen(), /sesame/, "who comes by later does not see it");
  person.press("f2");
  const asked = person.asked().at(-1);
  t.is(asked?.verb === "review" ? asked.request.proxyPassword : null, "open sesame");
});

test("a password that no proxy needs any more is removed with the proxy", async (t) => {
  const person = await Person.at("behind-broken-proxy");
  person.press("=2", "left", "f2");
  const asked = person.asked().at(-1);
  t.is(asked?.verb === "review" ? asked.request.proxyPassword : "not asked", null);
  t.deepEqual(asked?.verb === "review" ? asked.request.settings.proxy : null, { kind: "none" });
});

test("a wrong activation code is reported before anything is sent, with the character that looks wrong", async (t) => {
  const code = makeActivationCode(
    Uint8Array.from({ length: 18 }, (_, index) => index * 5 + 3),
  ).text;
  const wrong = `${code.slice(0, 8)}${code[8] === "Q" ? "R" : "Q"}${code.slice(9)}`;
  const person = await Person.at("not-enrolled");
  person.press("=3", "=platform.example.org", "tab", `=${wrong.toLowerCase()}`, "f2");
  t.deepEqual(person.asked(), []);
  t.regex(person.screen().replace(/\s+/g, " "), /Character 8 \(.\) in group 2 looks wrong/);
  person.press("ctrl-u", `=${code}`, "f2");
  t.deepEqual(person.asked(), [
    { type: "ask", verb: "enrol", request: { url: "https://platform.example.org", code } },
  ]);
  person.answer({ type: "reply", verb: "enrol", reply: {} });
  t.notRegex(person.screen(), new RegExp(code));
});

test("after a typing error in the address, the code does not have to be typed again", async (t) => {
  const person = await Person.at("not-enrolled");
  const { status } = person;
  const failing = (code: string) => ({
    secrets: { ...status.secrets, activationCode: true },
    settings: { ...status.settings, platform: { url: "https://platform.example.ogr" } },
    agent: status.agent && {
      ...status.agent,
      state: "enrolment-failed" as const,
      failure: { code, detail: "", at: sceneTimeMs },
    },
  });
  person.change(failing("name-unknown"));
  person.press("=3");
  t.regex(person.screen(), /A code is kept\. Leave this empty to use it\./);
  person.press("shift-tab", "end", "backspace", "backspace", "backspace", "=org", "f2");
  t.deepEqual(person.asked(), [
    { type: "ask", verb: "enrol", request: { url: "https://platform.example.org" } },
  ]);

  for (const code of ["code-unknown", "code-expired", "code-used"]) {
    const other = await Person.at("not-enrolled");
    other.change(failing(code));
    other.press("=3", "f2");
    t.deepEqual(other.asked(), [], `${code}: that code is of no use any more`);
    t.notRegex(other.screen(), /A code is kept/);
  }
});

test("power asks once more, and the safe answer is the chosen one", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=5", "down", "enter", "enter");
  t.deepEqual(person.asked(), []);
  person.press("enter", "left", "enter");
  t.deepEqual(person.asked(), [{ type: "ask", verb: "power", request: { action: "poweroff" } }]);
});

test("diagnostics stand on the first failure and say what, why and what to do", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=4");
  t.is(person.asked()[0]?.verb, "doctor");
  person.answer({
    type: "reply",
    verb: "doctor",
    reply: {
      results: [
        {
          id: "link:lan",
          check: "link",
          subject: "LAN link",
          outcome: "ok",
          code: null,
          detail: "up",
          durationMs: 1,
        },
        {
          id: "gateway:lan",
          check: "gateway",
          subject: "gateway 192.0.2.9",
          outcome: "failed",
          code: "gateway-silent",
          detail: "192.0.2.9",
          durationMs: 900,
        },
        {
          id: "service:jobs",
          check: "service",
          subject: "jobs service",
          outcome: "skipped",
          code: null,
          detail: "",
          durationMs: 0,
        },
      ],
    },
  });
  t.regex(person.screen(), /> gateway 192\.0\.2\.9 +FAILED/);
  t.regex(person.screen(), /Do: +Check the gateway on the Network screen/);
  person.press("f5");
  t.is(person.asked().filter(({ verb }) => verb === "doctor").length, 2);
});

test("a refusal of configd is shown with its remedy, and the form stays", async (t) => {
  const person = await Person.at("one-nic");
  person.press(...fillStatic, "f2");
  person.answer({
    type: "failed",
    verb: "review",
    failure: { code: "configd-unreachable", detail: null },
  });
  t.regex(person.screen(), /does not answer/);
  person.press("escape");
  t.regex(person.screen(), /192\.0\.2\.60\/24/);
});

test("answers for a screen that was left change nothing", async (t) => {
  const person = await Person.at("one-nic");
  person.press("=4", "escape", "=5");
  const before = person.screen();
  person.answer({ type: "reply", verb: "doctor", reply: { results: [] } });
  t.is(person.screen(), before);
});

test("every field and every screen has its help", async (t) => {
  const person = await Person.at("two-nics");
  for (const digit of ["=1", "=2", "=3", "=4", "=5"] as const) {
    person.press("f10", digit);
    for (let field = 0; field < 8; field++) {
      t.true(topOf(person.state).screen.help(contextOf(person.state)).length > 0);
      person.press("f1");
      t.regex(person.title(), /^Help/);
      person.press("escape", "tab");
    }
    person.press("escape", "right", "enter");
  }
});

test("a good message fades, a bad one stays until a key is pressed", async (t) => {
  const person = await Person.at("scanning");
  person.press("=c");
  person.answer({ type: "reply", verb: "callNow", reply: {} });
  t.regex(person.screen(), /calls the platform now/);
  // After a stall, the news and a tick from far ahead come together: the message is still seen.
  person.send({ type: "tick", monotonicMs: 11_000 });
  t.regex(person.screen(), /calls the platform now/);
  person.send({ type: "tick", monotonicMs: 22_000 });
  t.notRegex(person.screen(), /calls the platform now/);
  person.press("=c");
  person.answer({
    type: "failed",
    verb: "callNow",
    failure: { code: "configd-unreachable", detail: null },
  });
  person.send({ type: "tick", monotonicMs: 60_000 });
  t.regex(person.screen(), /does not answer/);
  person.press("right");
  t.notRegex(person.screen(), /does not answer/);
});
