import type { HealthFigures } from "../../src/protocol/schemas/health.ts";

/** The figures of a machine that does nothing, where a test needs some. */
export const idleHealth: HealthFigures = {
  uptimeSeconds: 1,
  loadAverage: [0, 0, 0],
  processorPercent: 0,
  processorCount: 1,
  memoryTotalBytes: 1,
  memoryAvailableBytes: 1,
  dataTotalBytes: 1,
  dataAvailableBytes: 1,
};
