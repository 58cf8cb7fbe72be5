import type { FastifyHelmetOptions } from "@fastify/helmet";

/**
 * The pages' security headers: helmet's, with a policy that allows nothing but the platform's own
 * style, script and images.
 */
export const securityHeaders: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  },
  referrerPolicy: { policy: "same-origin" },
  xFrameOptions: { action: "deny" },
  // For every reply, or none: https/browser-headers.ts.
  strictTransportSecurity: false,
};
