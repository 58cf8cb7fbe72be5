/** One authentication scheme that a proxy offers (RFC 9110 section 11.3). */
export interface Challenge {
  /** In lower case: basic, digest, ntlm, negotiate. */
  scheme: string;
  /** Names in lower case. */
  parameters: Map<string, string>;
  /** The token68 that NTLM and Negotiate carry instead of parameters. */
  token: string | null;
}

/** A proxy offers a handful; more are not read. */
const mostChallenges = 20;
const mostParameters = 40;

const tokenCharacters = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameterForm = new RegExp(
  `^(${tokenCharacters})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${tokenCharacters}))(?=\\s*(?:,|$))`,
);
const schemeForm = new RegExp(
  `^(${tokenCharacters})(?:[ \\t]+([A-Za-z0-9._~+/-]+=*)(?=\\s*(?:,|$)))?(?=\\s|,|$)`,
);

/**
 * Reads the values of Proxy-Authenticate fields (RFC 9110 section 11.7.1). One field may hold
 * several challenges, separated by the same commas as their parameters: a name without an equals
 * sign and a value begins the next challenge.
 */
export function parseChallenges(values: readonly string[]): Challenge[] {
  const challenges: Challenge[] = [];
  for (const value of values) {
    let rest = value;
    let current: Challenge | undefined;
    while (rest !== "") {
      const separator = /^[\s,]+/.exec(rest);
      if (separator) {
        rest = rest.slice(separator[0].length);
        continue;
      }
      const parameter = parameterForm.exec(rest);
      if (parameter?.[1] !== undefined && current) {
        if (current.parameters.size >= mostParameters) return challenges;
        current.parameters.set(
          parameter[1].toLowerCase(),
          parameter[2]?.replace(/\\(.)/g, "$1") ?? parameter[3] ?? "",
        );
        rest = rest.slice(parameter[0].length);
        continue;
      }
      const scheme = schemeForm.exec(rest);
      if (scheme?.[1] === undefined) break;
      if (challenges.length >= mostChallenges) return challenges;
      current = {
        scheme: scheme[1].toLowerCase(),
        parameters: new Map(),
        token: scheme[2] ?? null,
      };
      challenges.push(current);
      rest = rest.slice(scheme[0].length);
    }
  }
  return challenges;
}
