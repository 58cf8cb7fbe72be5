import type { TSchema } from "@sinclair/typebox";
import { Ajv } from "ajv";
import test from "ava";
import fc from "fast-check";
import { shareParts } from "../../image/bundle/shared-parts.ts";
import { schemas as spool } from "../../src/agent/spool/validators.ts";
import { mapChecks, type Validated, type Validator } from "../../src/base/checks.ts";
import { validationOptions } from "../../src/base/validation.ts";
import { schemas as requests } from "../../src/configd/api/request-validators.ts";
import { schemas as protocol } from "../../src/protocol/validators.ts";

/** A value that the schema mostly accepts. */
function arbitraryOf(schema: TSchema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema.anyOf))
    return fc.oneof(...schema.anyOf.map((each: TSchema) => arbitraryOf(each)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  switch (schema.type) {
    case "object": {
      const properties: Record<string, TSchema> = schema.properties ?? {};
      return fc.record(
        Object.fromEntries(
          Object.entries(properties).map(([name, inner]) => [name, arbitraryOf(inner)]),
        ),
      );
    }
    case "array":
      return Array.isArray(schema.items)
        ? fc.tuple(...schema.items.map((each: TSchema) => arbitraryOf(each)))
        : fc.array(arbitraryOf(schema.items ?? {}), {
            minLength: schema.minItems ?? 0,
            maxLength: Math.max(schema.minItems ?? 0, 2),
          });
    case "string":
      // fast-check makes no texts for patterns that look ahead.
      return schema.pattern === undefined || String(schema.pattern).includes("(?")
        ? fc.string({ maxLength: Math.min(schema.maxLength ?? 20, 20) })
        : fc.stringMatching(new RegExp(schema.pattern));
    case "integer":
      return fc.integer({
        min: schema.minimum ?? -1000,
        max: Math.min(schema.maximum ?? 100_000, 2 ** 31),
      });
    case "number":
      return fc.double({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.constant({});
  }
}

/** The value with one changed member. */
function damaged(value: unknown, place: number, instead: unknown): unknown {
  const json: unknown = JSON.parse(JSON.stringify(value) ?? "null");
  const places: ((to: unknown) => void)[] = [];
  const walk = (at: unknown) => {
    if (typeof at !== "object" || at === null) return;
    for (const key of Object.keys(at)) {
      places.push((to) => Reflect.set(at, key, to));
      walk(Reflect.get(at, key));
    }
  };
  walk(json);
  if (places.length === 0) return instead;
  places[place % places.length]?.(instead);
  return json;
}

function compile(
  schemas: Record<string, TSchema>,
  shared: boolean,
): Record<string, Validator<unknown>> {
  const ajv = new Ajv({ ...validationOptions, inlineRefs: !shared });
  const plain = Object.entries(schemas).map(
    ([name, schema]) => [name, JSON.parse(JSON.stringify(schema))] as const,
  );
  if (!shared)
    return mapChecks(
      Object.fromEntries(plain.map(([name, schema]) => [name, ajv.compile(schema)])),
    );
  const { schemas: lean, parts } = shareParts(new Map(plain));
  for (const [id, part] of parts)
    if (typeof part === "object" && part !== null) ajv.addSchema(part, id);
  return mapChecks(
    Object.fromEntries([...lean].map(([name, schema]) => [name, ajv.compile(schema as object)])),
  );
}

/** The violations without `rule`, which differs in a shared part. */
function said(checked: Validated<unknown> | undefined): unknown {
  return checked?.valid === false
    ? checked.violations.map(({ path, message }) => `${path} ${message}`)
    : checked;
}

for (const [title, schemas] of Object.entries({
  protocol,
  agent: spool,
  "configd's requests": requests,
}))
  test(`the checks of ${title} say the same when what they share is compiled once`, (t) => {
    t.timeout(120_000);
    const all: Record<string, TSchema> = schemas;
    const whole = compile(all, false);
    const lean = compile(all, true);
    for (const [name, schema] of Object.entries(all)) {
      const check = (value: unknown) =>
        t.deepEqual(said(lean[name]?.(value)), said(whole[name]?.(value)), name);
      fc.assert(
        fc.property(
          arbitraryOf(schema),
          fc.nat(),
          fc.oneof(
            fc.constant(undefined),
            fc.jsonValue(),
            fc.constant(-1),
            fc.constant("x".repeat(3000)),
          ),
          (value, place, instead) => {
            check(value);
            check(damaged(value, place, instead));
          },
        ),
        { numRuns: 12 },
      );
    }
  });

test("what is in several places becomes one part, also inside of other parts", (t) => {
  const point = {
    type: "object",
    properties: {
      x: { type: "number", minimum: 0, maximum: 1000 },
      y: { type: "number", minimum: 0, maximum: 1000 },
    },
  };
  const line = { type: "object", properties: { from: point, to: point } };
  const { schemas, parts } = shareParts(
    new Map([["Shape", { type: "object", properties: { a: line, b: line, c: point } }]]),
  );
  t.is(parts.size, 2);
  t.deepEqual(
    Object.values(Object(schemas.get("Shape")).properties).map((each) => Object.keys(Object(each))),
    [["$ref"], ["$ref"], ["$ref"]],
  );
});
