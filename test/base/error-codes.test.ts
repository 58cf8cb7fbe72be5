import test from "ava";
import { asOutriderError, OutriderError } from "../../src/base/messages/error.ts";
import {
  type ErrorCode,
  errorCodes,
  isErrorCode,
  stages,
} from "../../src/base/messages/error-codes.ts";

test("every code has whole sentences for what happened, why, and what to do", (t) => {
  for (const [code, description] of Object.entries(errorCodes)) {
    t.regex(code, /^[a-z][a-z-]*$/);
    t.true(stages.includes(description.stage), code);
    for (const text of [description.what, description.why, description.remedy]) {
      t.regex(text, /^[A-Z].*\.$/, code);
      t.true(text.length <= 200, `${code}: ${text}`);
    }
  }
});

test("an error has its code's stage and texts, and its detail", (t) => {
  const error = new OutriderError("connect-silent", { detail: "192.0.2.1:443" });
  t.is(error.stage, "firewall");
  t.is(error.message, "Nothing answered the connection. (192.0.2.1:443)");
  t.is(asOutriderError(error), error);
  t.is(asOutriderError(new TypeError("x")).code, "internal-error" satisfies ErrorCode);
  t.true(isErrorCode("connect-silent"));
  t.false(isErrorCode("toString"));
});
