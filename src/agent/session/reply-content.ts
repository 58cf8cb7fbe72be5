import { parseJson } from "../../base/json.ts";
import type { TransportReply } from "../../transport/http-transport.ts";

/** The reply's content as JSON; undefined when it is not JSON. */
export function contentAsJson({ content }: Pick<TransportReply, "content">): unknown {
  return parseJson(new TextDecoder().decode(content));
}
