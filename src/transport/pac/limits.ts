/** Time limits of the stage that asks a PAC file. */
export interface PacLimits {
  /** For the stage as a whole. */
  stageMs: number;
  /** For fetching the file, redirects included. */
  fetchMs: number;
  /** For the process that evaluates it, for what the engine's own limit cannot interrupt. */
  evaluationMs: number;
  /** For looking up the names that the script asks for. */
  namesMs: number;
  /** For one run of the script, by the engine's own limit. */
  scriptMs: number;
}

export const defaultPacLimits: PacLimits = {
  stageMs: 6000,
  fetchMs: 3000,
  evaluationMs: 3500,
  namesMs: 1500,
  scriptMs: 1000,
};
