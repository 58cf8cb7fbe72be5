import test from "ava";
import { describeFacts, fact } from "../../../src/base/messages/facts.ts";
import { describeFieldProblem, isFieldProblemCode } from "../../../src/settings/model/problems.ts";
import { defaultSettings } from "../../../src/settings/model/schema.ts";
import {
  unreadDocument,
  type ZeroTouchDocument,
  type ZeroTouchFormat,
} from "../../../src/settings/zero-touch/document.ts";
import { readZeroTouch } from "../../../src/settings/zero-touch/read.ts";

const found = (format: ZeroTouchFormat, text: string): ZeroTouchDocument => ({
  format,
  source: "a source",
  place: "a place",
  text,
});
const report = (...documents: ZeroTouchDocument[]) =>
  readZeroTouch(documents, defaultSettings, 1).report;

test("a value that cannot be used has its field's problem beside the English, as a form has it", (t) => {
  const [problem] = report(
    found("user-data", "lan_address=192.0.2.10/24\nlan_gateway=198.51.100.1\nlan_dns=192.0.2.53"),
  ).problems;
  t.like(problem, {
    field: "lan_gateway",
    problem: { field: "network.lan.ipv4.gateway", code: "gateway-outside" },
  });
  t.regex(problem?.message ?? "", /^The gateway 198\.51\.100\.1 is not in the network/);
  t.is(problem?.facts, undefined);
  const [other] = report(found("user-data", "wan_enabled=perhaps")).problems;
  t.deepEqual(other?.problem, {
    field: "network.mode",
    code: "not-valid",
    values: { value: "perhaps" },
    reason: fact("is-no-switch"),
  });
});

test("a settings file's problem names the field, in English and as the problem", (t) => {
  const [problem] = report(found("settings-yaml", "hostname: -bad-\n")).problems;
  t.like(problem, {
    field: "",
    message:
      "hostname: -bad- is not a host name: it may have letters, digits and hyphens, and no hyphen at an end.",
  });
  t.deepEqual(problem?.problem, {
    field: "hostname",
    code: "hostname-malformed",
    values: { value: "-bad-" },
  });
});

test("a library's message about YAML or XML is a value; the sentence around it is a fact", (t) => {
  const kinds: [ZeroTouchFormat, string, string][] = [
    ["settings-yaml", "a: [", "settings-file-malformed"],
    ["user-data", "#cloud-config\na: [", "cloud-config-malformed"],
    ["meta-data", "{", "metadata-malformed"],
    ["ovf-environment", "<Environment", "ovf-malformed"],
    ["settings-yaml", "nonsense: 1", "settings-file-shape"],
  ];
  for (const [format, text, code] of kinds) {
    const [problem] = report(found(format, text)).problems;
    t.is(problem?.facts?.[0]?.code, code, format);
    t.not(problem?.facts?.[0]?.values.said ?? "", "", format);
  }
});

test("every problem and every note has facts or a field's problem, and their English is the text beside them", (t) => {
  const { problems, notes, noteFacts } = report(
    unreadDocument(
      { format: "user-data", source: "volume", place: "/dev/sr0" },
      fact("given-not-mounted", { said: "wrong fs type" }),
    ),
    found("ovf-environment", "<Other/>"),
    found("ovf-environment", "<!DOCTYPE x><Environment/>"),
    found("ovf-environment", "<a>".repeat(20)),
    found("settings-yaml", "[".repeat(100)),
    found("settings-yaml", "- 1"),
    found("settings-yaml", "version: 99"),
    found("settings-yaml", "hostname: -bad-"),
    found("settings-yaml", "values: 1"),
    found("meta-data", "- 1"),
    found("credentials", "{"),
    found("user-data", "#!/bin/sh"),
    found("user-data", "x".repeat(100_000)),
    found(
      "user-data",
      "nothing\nhostname=one\nfoo=1\nwins_1=1\nipv6_only=1\nLAN_IP=\nWAN_IP=192.0.2.1\nproxy_password=x\nPERSCODE=1",
    ),
    found("user-data", "hostname=two\nlan_vlan=many"),
    found("user-data", "#cloud-config\noutrider:\n  lan_mtu: {a: 1}"),
  );
  t.is(problems.length, 18);
  t.is(notes.length, 6);
  t.deepEqual(
    noteFacts?.map((each) => describeFacts([each])),
    notes,
  );
  for (const { field, message, example, facts, problem } of problems) {
    if (problem === undefined)
      t.deepEqual(
        facts?.map((each) => describeFacts([each])),
        example === "" ? [message] : [message, example],
      );
    else {
      const { code } = problem;
      const told = isFieldProblemCode(code) ? describeFieldProblem({ ...problem, code }) : null;
      t.deepEqual(
        [message, example],
        [`${field === "" ? `${problem.field}: ` : ""}${told?.message}`, told?.example],
      );
    }
  }
});

test("a source whose failure is a text is shown with that text", (t) => {
  const [problem] = report({
    ...found("user-data", ""),
    failure: "It could not be read: EIO.",
  }).problems;
  t.like(problem, { message: "It could not be read: EIO.", example: "" });
});
