/**
 * For `.catch()` of a wait: ignores the rejection that follows from the abortion of `signal`; every
 * other error is thrown.
 */
export function ignoringAbort(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error;
    return undefined;
  };
}
