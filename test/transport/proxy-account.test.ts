import test from "ava";
import fc from "fast-check";
import { accountFault } from "../../src/transport/proxy/account-fault.ts";
import { basicAuthentication } from "../../src/transport/proxy/basic.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { startWay } from "../testkit/proxies/way.ts";

const locked = "proxy-account-locked";
const expired = "proxy-password-expired";

test("an answer says of the account that it is locked, or that its password has expired", (t) => {
  const cases: [string, string | null][] = [
    // squid's page with the message of Samba's ntlm_auth
    ["<p>The following error: BH NT_STATUS_ACCOUNT_LOCKED_OUT</p>", locked],
    ["NT_STATUS_ACCOUNT_DISABLED", locked],
    ["NT_STATUS_PASSWORD_EXPIRED", expired],
    ["NT_STATUS_PASSWORD_MUST_CHANGE", expired],
    ["Authentication error 0xC0000234", locked],
    ["kinit: Client's credentials have been revoked while getting initial credentials", locked],
    ["Password has expired while getting initial credentials", expired],
    ["<h1>Your account has been locked.</h1>", locked],
    ["The user account is currently disabled", locked],
    ["<td>Account locked</td>", locked],
    ["Your password has expired; you must change your password", expired],
    // none of them
    ["NT_STATUS_WRONG_PASSWORD", null],
    ["Proxy Authentication Required", null],
    ["If your account is locked, call the help desk.", null],
    ["Please check that your account is not locked and your password has not expired.", null],
    ["<li>Make sure the account is not disabled</li>", null],
    ["Your account may have been locked", null],
    ["<script>var m = 'account is locked'</script>Access denied", null],
    ["This site is blocked. Your user name: anna", null],
    ["", null],
  ];
  for (const [words, fault] of cases) t.is(String(accountFault(words)), String(fault), words);
});

test("no text takes the reader long or breaks it", (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 5000 }), (text) => {
      accountFault(text);
    }),
  );
  const startedMs = performance.now();
  accountFault("<script>".repeat(8000));
  accountFault(`account ${"is ".repeat(20_000)}`);
  t.true(performance.now() - startedMs < 2000);
});

const page = "<html><body><h1>Your account has been locked.</h1></body></html>";
for (const [name, framing] of [
  ["with a length", `Content-Length: ${page.length}\r\n\r\n${page}`],
  [
    "in chunks",
    `Transfer-Encoding: chunked\r\n\r\n${page.length.toString(16)}\r\n${page}\r\n0\r\n\r\n`,
  ],
  ["until the connection ends", `Connection: close\r\n\r\n${page}`],
] as const)
  test(`a locked account is told from a refused password by the page ${name}`, async (t) => {
    const head =
      'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"';
    const way = await startWay({ kind: "answer", bytes: `${head}\r\n${framing}` });
    t.teardown(way.close);
    const { error } = await way.probe(way.through(basicAuthentication("anna", "geheim")));
    t.is(error?.code, locked);
    t.regex(error?.detail ?? "", /it offers basic/);
    t.is(
      (await way.probe(way.through(noAuthentication))).error?.code,
      "proxy-authentication-required",
      "nothing was said that could be locked",
    );
  });
