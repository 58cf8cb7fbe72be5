/** Servers on the host `proxy` that answer in the platform's place. */
export const portalPorts = {
  plain: 8080,
  // TLS of others
  ownName: 8443,
  forged: 9443,
  // TLS with wrong certificates of the platform's authority
  otherName: 9442,
  expired: 9444,
  notYet: 9445,
  shortKey: 9446,
  sha1: 9447,
  authorityExpired: 9448,
  oldProtocol: 9449,
  refusesHandshake: 9450,
  // TLS as it should be, and an answer of somebody else
  error: 9500,
  busy: 9501,
  page: 9502,
  forbiddenPage: 9503,
  redirect: 9504,
  unsigned: 9505,
  words: 9506,
  badGateway: 9507,
  cut: 9508,
  // What passes on to the platform
  stripped: 9510,
  altered: 9511,
  smallUploads: 9512,
  // No TLS at all
  ssh: 9600,
  nothing: 9601,
  garbage: 9602,
  resets: 9603,
  // TLS, then nothing
  silentService: 9604,
  // Passes on to the platform what it can take
  helloSwallows: 9610,
  helloResets: 9611,
} as const;
export type Portal = keyof typeof portalPorts;

/** Of the PAC files' server. */
export const pacPort = 80;
/** TLS proxies whose certificate is wrong. */
export const tlsProxyPorts = { expired: 3140, otherName: 3141 } as const;
