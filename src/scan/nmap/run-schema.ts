import { type Static, Type } from "@sinclair/typebox";
import { ShortText } from "../../protocol/schemas/common.ts";

const Count = Type.Integer({ minimum: -1, maximum: 999_999_999 });

/** An nmap XML file without its hosts. */
export const NmapRun = Type.Object(
  {
    version: ShortText,
    /** Targets that nmap refused. Only the XML has them: nmap's exit code is 0 all the same. */
    skippedTargets: Type.Array(ShortText, { maxItems: 100 }),
    finished: Type.Union([
      Type.Object(
        { exit: ShortText, errorMessage: ShortText, up: Count, down: Count, total: Count },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
    /** Whether the root element was closed, so that the file is whole. */
    complete: Type.Boolean(),
    /** Why reading ended early; null when it did not. */
    problem: Type.Union([Type.String({ maxLength: 300 }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type NmapRun = Static<typeof NmapRun>;
