/** The JSON of a schema. */
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface SharedParts {
  /** The schemas by name; shared parts are replaced by references. */
  schemas: Map<string, Json>;
  /** The shared values, by the id in the references. */
  parts: Map<string, Json>;
}

/** A check that is shorter than a call of a shared one is not worth sharing. */
const shortestShared = 60;

/**
 * Moves parts that several schemas have in common out of them, so that each is compiled once.
 * TypeBox nests schemas by value: an object of ten messages would otherwise be in the bundle, and
 * in memory, ten times.
 */
export function shareParts(schemas: ReadonlyMap<string, Json>): SharedParts {
  const counts = new Map<string, number>();
  for (const schema of schemas.values()) count(schema, counts);
  const ids = new Map<string, string>();
  const parts = new Map<string, Json>();
  const share = (schema: Json, top: boolean): Json => {
    if (!isObject(schema)) return schema;
    const text = JSON.stringify(schema);
    const known = ids.get(text);
    if (known !== undefined) return { $ref: known };
    const lean = mapSubschemas(schema, (inner) => share(inner, false));
    if (top || text.length < shortestShared || (counts.get(text) ?? 0) < 2) return lean;
    const id = `part${ids.size}`;
    ids.set(text, id);
    parts.set(id, lean);
    return { $ref: id };
  };
  return {
    schemas: new Map([...schemas].map(([name, schema]) => [name, share(schema, true)])),
    parts,
  };
}

function count(schema: Json, counts: Map<string, number>): void {
  if (!isObject(schema)) return;
  const text = JSON.stringify(schema);
  const before = counts.get(text) ?? 0;
  counts.set(text, before + 1);
  // A part inside a shared part counts once.
  if (before > 0) return;
  mapSubschemas(schema, (inner) => {
    count(inner, counts);
    return inner;
  });
}

/**
 * Applies a function to the schemas directly inside of one: not to `const`, `enum` and the like,
 * which are values.
 */
function mapSubschemas(
  schema: { [key: string]: Json },
  change: (inner: Json) => Json,
): { [key: string]: Json } {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if ((keyword === "properties" || keyword === "patternProperties") && isObject(value))
        return [
          keyword,
          Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner)])),
        ];
      if (
        (keyword === "anyOf" || keyword === "allOf" || keyword === "oneOf") &&
        Array.isArray(value)
      )
        return [keyword, value.map(change)];
      if (keyword === "items" && Array.isArray(value)) return [keyword, value.map(change)];
      if (keyword === "items" || keyword === "additionalProperties" || keyword === "not")
        return [keyword, change(value)];
      return [keyword, value];
    }),
  );
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
