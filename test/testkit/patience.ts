/**
 * How long a test waits for an event that must come, also on a busy machine. Less than ava's own
 * limit (5 minutes), so that the test itself reports the missing event.
 */
export const patientMs = 200_000;
