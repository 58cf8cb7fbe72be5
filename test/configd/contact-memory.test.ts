import test from "ava";
import type { AgentStatus } from "../../src/configd/api/status.ts";
import { ContactMemory } from "../../src/configd/status/contact-memory.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedStatus } from "../../src/simulation/status.ts";

const { agent } = describedStatus(await loadDescribedMachine("update-waiting"), 1_800_000_000_000);
if (agent === null) throw new Error("the described machine has an agent");
const enrolled: AgentStatus = agent;

/** The same agent just after a start: it has reached nothing yet. */
const restarted = (given: Partial<AgentStatus> = {}): AgentStatus => ({
  ...enrolled,
  state: "starting",
  services: {
    enrolment: { ...enrolled.services.enrolment, lastSuccessAt: null },
    health: { ...enrolled.services.health, lastSuccessAt: null },
    updates: { ...enrolled.services.updates, lastSuccessAt: null },
    jobs: { ...enrolled.services.jobs, lastSuccessAt: null },
    results: { ...enrolled.services.results, lastSuccessAt: null },
  },
  ...given,
});
const lastHealth = ({ services }: AgentStatus) => services.health.lastSuccessAt;

test("a restart of the agent does not forget when a service was reached", (t) => {
  const memory = new ContactMemory();
  const reached = lastHealth(memory.remember(enrolled));
  t.truthy(reached);
  // Its first word comes before it has read its identity.
  const first = memory.remember(restarted({ applianceId: null }));
  t.is(lastHealth(first), null);
  t.is(lastHealth(memory.remember(restarted())), reached);
});

test("a newer contact counts", (t) => {
  const memory = new ContactMemory();
  memory.remember(enrolled);
  const now = restarted();
  now.services.health.lastSuccessAt = 2_000_000_000_000;
  t.is(lastHealth(memory.remember(now)), 2_000_000_000_000);
  t.is(lastHealth(memory.remember(restarted())), 2_000_000_000_000);
});

test("another platform, another appliance and a reset begin anew", (t) => {
  const memory = new ContactMemory();
  memory.remember(enrolled);
  const moved = restarted();
  moved.services.health.url = "https://health.example.net/health/v1";
  t.is(lastHealth(memory.remember(moved)), null);
  t.is(lastHealth(memory.remember(restarted({ applianceId: "another" }))), null);
  memory.remember(enrolled);
  memory.remember(restarted({ applianceId: null, state: "not-enrolled" }));
  t.is(lastHealth(memory.remember(restarted())), null);
});
