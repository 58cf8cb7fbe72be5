import type { Part } from "./fault.ts";
import type { FaultOutcome } from "./undergo.ts";

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const coded = (text: string) => (text === "" ? "" : `\`${text}\``);

const titles: Readonly<Record<Part, string>> = {
  healthy: "Networks that work",
  faults: "Faults",
  survived: "Faults that are survived",
  pairs: "Two faults at once",
};
const intros: Readonly<Record<Part, string>> = {
  healthy: "Nothing may fail and nothing may warn.",
  faults:
    "The code must be exactly this one. *The remedy works*: what the error's text says to do was done in the lab, and then the agent got through and no check failed; where the cell is empty, nothing was tried.",
  survived: "The agent gets through all the same; the doctor warns of what it can see.",
  pairs: "The nearer one, which stands first in the name, must be named as if it were alone.",
};

/** Rows that came right, in Markdown; those that did not have their problem in the last column. */
export function tableOf(part: Part, outcomes: readonly FaultOutcome[]): string {
  const withRemedy = part === "faults";
  const head = ["row", "network", "way", "agent", "after", "doctor's first failure", "after"];
  if (part === "survived") head.push("warnings");
  if (withRemedy) head.push("the remedy works");
  const hasProblems = outcomes.some(({ complaint }) => complaint !== null);
  if (hasProblems) head.push("wrong");
  const lines = outcomes.map((outcome) => {
    const { name, network, way, agent, agentMs, doctor, doctorMs, warnings, cured } = outcome;
    const cells = [
      name,
      network,
      way,
      agent === "" ? "gets through" : coded(agent),
      seconds(agentMs),
      doctor === "" ? "nothing fails" : coded(doctor),
      seconds(doctorMs),
    ];
    if (part === "survived") cells.push(warnings.map(coded).join(", "));
    if (withRemedy) cells.push(cured === null ? "" : `yes: ${cured}`);
    if (hasProblems) cells.push(outcome.complaint ?? "");
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  });
  return [
    `## ${titles[part]}`,
    "",
    `${outcomes.length} rows. ${intros[part]}`,
    "",
    `| ${head.join(" | ")} |`,
    `|${"---|".repeat(head.length)}`,
    ...lines,
    "",
  ].join("\n");
}
