import { Type } from "@sinclair/typebox";
import test from "ava";
import fc from "fast-check";
import { compileValidators } from "../../src/base/validation.ts";
import { validators } from "../../src/protocol/validators.ts";

const { Person } = compileValidators({
  Person: Type.Object({ name: Type.String({ maxLength: 5 }), age: Type.Integer() }),
});

test("a valid value is returned, an invalid one with the path of every violation", (t) => {
  t.deepEqual(Person({ name: "Ada", age: 1 }), { valid: true, value: { name: "Ada", age: 1 } });
  const refused = Person({ name: "too long", age: 1.5 });
  t.false(refused.valid);
  if (!refused.valid)
    t.deepEqual(refused.violations.map((violation) => violation.path).sort(), ["/age", "/name"]);
});

test("no JSON makes a validator of the protocol throw", (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      Object.values(validators).every((validate) => typeof validate(value).valid === "boolean"),
    ),
    { numRuns: 300 },
  );
  t.pass();
});
