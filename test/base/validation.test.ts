import { Type } from "@sinclair/typebox";
import test from "ava";
import fc from "fast-check";
import { compileValidators } from "../../src/base/validation.ts";
import { validators } from "../../src/protocol/validators.ts";

const { Person } = compileValidators({
  Person: Type.Object({ name: Type.String({ maxLength: 5 }), age: Type.Integer() }),
});

test("a right value comes back as itself, a wrong one with the place of every fault", (t) => {
  t.deepEqual(Person({ name: "Ada", age: 1 }), { valid: true, value: { name: "Ada", age: 1 } });
  const refused = Person({ name: "too long", age: 1.5 });
  t.false(refused.valid);
  if (!refused.valid)
    t.deepEqual(refused.violations.map((violation) => violation.path).sort(), ["/age", "/name"]);
});

test("any JSON is answered by every validator of the protocol, never thrown at", (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      Object.values(validators).every((validate) => typeof validate(value).valid === "boolean"),
    ),
    { numRuns: 300 },
  );
  t.pass();
});
