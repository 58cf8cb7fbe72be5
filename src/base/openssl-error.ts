/** Whether OpenSSL refused an input, as a text that is no key or certificate. */
export function isOpenSslError(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("ERR_OSSL_")
  );
}
