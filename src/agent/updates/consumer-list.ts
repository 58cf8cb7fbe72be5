import type { Log } from "../../base/log.ts";
import type { UpdateConsumer } from "../../updates/consumer.ts";

export interface ConsumerParts {
  /** /data/outrider/content */
  folder: string;
  log: Log;
}

/**
 * The consumers of fetched content, a line for each kind. Content of a kind without a consumer is
 * kept and not used; today no kind has one.
 */
export const consumerMakers: readonly ((parts: ConsumerParts) => UpdateConsumer)[] = [];
