/**
 * How long a test waits for something that must happen, however busy the machine is. Less than
 * ava's own limit (5 minutes), so that the test says what did not come.
 */
export const patientMs = 200_000;
