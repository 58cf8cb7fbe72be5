import type { FastifyInstance } from "fastify";
import type { Clock } from "../../base/clock.ts";
import type { Operator } from "../operator/operator.ts";
import type { ScanProblems } from "../operator/scans.ts";
import type { ActivationCodeView, CreatedActivationCode } from "../operator/schemas.ts";
import { intervalBounds } from "../services/configuration.ts";
import { addCommandPages } from "./command-routes.ts";
import { aboutPage, apiPage, settingsPage } from "./pages/about.ts";
import { appliancePage, revokePage } from "./pages/appliance.ts";
import { codesPage } from "./pages/codes.ts";
import { fleetPage } from "./pages/fleet.ts";
import { hostsPerPage, scanPage } from "./pages/scan.ts";
import { emptyScanForm, type ScanForm, scansPage } from "./pages/scans.ts";
import { formValue } from "./parts/session.ts";
import type { SendPage, SessionProofs } from "./routes.ts";
import { readScanForm, scanRequest } from "./scan-form.ts";
import { addUpdatePages } from "./update-routes.ts";

const mostScansShown = 200;

export function addPages(
  scope: FastifyInstance,
  operator: Operator,
  clock: Clock,
  sendPage: SendPage,
  proofs: SessionProofs,
): void {
  const { fleet, scans, codes } = operator;
  const { formToken } = proofs;

  scope.get("/fleet", async (request, reply) => {
    const content = fleetPage(await fleet.list(), clock.nowMs());
    return sendPage(reply, request.sessionToken, { title: "Fleet", section: "/fleet", content });
  });

  scope.get<{ Params: { id: string } }>("/appliances/:id", async (request, reply) => {
    const appliance = await fleet.find(request.params.id);
    const { id } = appliance;
    const content = appliancePage({
      appliance,
      scans: await scans.list({ applianceId: id, limit: 50 }),
      commands: (await operator.commands.list(id)).slice(0, 20),
      machines: await fleet.machines(id),
      intervalSeconds: operator.settings.intervalSeconds,
      formToken: formToken(request.sessionToken),
      nowMs: clock.nowMs(),
    });
    return sendPage(reply, request.sessionToken, {
      title: appliance.name,
      section: "/fleet",
      content,
    });
  });

  scope.get<{ Params: { id: string } }>("/appliances/:id/revoke", async (request, reply) => {
    const appliance = await fleet.find(request.params.id);
    const open = (await scans.list({ applianceId: appliance.id })).filter(
      ({ endedAt }) => endedAt === null,
    ).length;
    const content = revokePage(appliance, open, formToken(request.sessionToken));
    return sendPage(reply, request.sessionToken, {
      title: `Revoke ${appliance.name}`,
      section: "/fleet",
      content,
    });
  });

  scope.post<{ Params: { id: string } }>("/appliances/:id/revoke", async (request, reply) => {
    const { id, state } = await fleet.find(request.params.id);
    if (state !== "revoked") await fleet.revoke(id);
    return reply.redirect(`/appliances/${id}`, 303);
  });

  addCommandPages(scope, operator, sendPage, formToken);
  addUpdatePages(scope, operator, clock, sendPage, proofs);

  const scansContent = async (
    session: string,
    form: ScanForm,
    problems: ScanProblems,
    open: boolean,
  ) =>
    scansPage({
      scans: await scans.list({ limit: mostScansShown }),
      appliances: await fleet.list(),
      form,
      problems,
      open,
      formToken: formToken(session),
      nowMs: clock.nowMs(),
    });

  scope.get<{ Querystring: { appliance?: string } }>("/scans", async (request, reply) => {
    const { appliance } = request.query;
    const form =
      typeof appliance === "string" ? { ...emptyScanForm, applianceId: appliance } : emptyScanForm;
    const content = await scansContent(request.sessionToken, form, {}, appliance !== undefined);
    return sendPage(reply, request.sessionToken, { title: "Scans", section: "/scans", content });
  });

  scope.post("/scans", async (request, reply) => {
    const form = readScanForm(request.body);
    const started = await scans.start(scanRequest(form));
    if (started.ok) return reply.redirect(`/scans/${started.id}`, 303);
    const content = await scansContent(request.sessionToken, form, started.problems, true);
    return sendPage(
      reply,
      request.sessionToken,
      { title: "Scans", section: "/scans", content, liveUrl: "/scans" },
      422,
    );
  });

  scope.get<{ Params: { id: string }; Querystring: { page?: string } }>(
    "/scans/:id",
    async (request, reply) => {
      const scan = await scans.find(request.params.id);
      const pageNumber = Math.min(
        Math.max(1, Number.parseInt(String(request.query.page ?? "1"), 10) || 1),
        100_000,
      );
      const hosts = await scans.hosts(scan.id, {
        offset: (pageNumber - 1) * hostsPerPage,
        limit: hostsPerPage,
      });
      const appliance = await fleet.find(scan.applianceId);
      const content = scanPage({
        scan,
        appliance,
        hosts,
        pageNumber,
        formToken: formToken(request.sessionToken),
        nowMs: clock.nowMs(),
      });
      return sendPage(reply, request.sessionToken, {
        title: scan.name,
        section: "/scans",
        content,
      });
    },
  );

  scope.post<{ Params: { id: string } }>("/scans/:id/stop", async (request, reply) => {
    const { id } = await scans.find(request.params.id);
    await scans.stop(id);
    return reply.redirect(`/scans/${id}`, 303);
  });

  const codesContent = async (
    session: string,
    made: CreatedActivationCode | ActivationCodeView | null,
  ) =>
    codesPage({
      codes: await codes.list(),
      appliances: await fleet.list(),
      made,
      formToken: formToken(session),
      nowMs: clock.nowMs(),
    });

  scope.get<{ Querystring: { made?: string } }>("/codes", async (request, reply) => {
    const made = (await codes.list()).find(({ id }) => id === request.query.made) ?? null;
    const content = await codesContent(request.sessionToken, made);
    return sendPage(reply, request.sessionToken, {
      title: "Activation codes",
      section: "/codes",
      content,
    });
  });

  scope.post<{ Params: { id: string } }>("/appliances/:id/code", async (request, reply) => {
    const made = await codes.create("", request.params.id);
    const content = await codesContent(request.sessionToken, made);
    return sendPage(reply, request.sessionToken, {
      title: "Activation codes",
      section: "/codes",
      content,
      liveUrl: `/codes?made=${made.id}`,
    });
  });

  // Answered with the page itself, not with a redirect: the code is nowhere kept from which another
  // request could show it.
  scope.post("/codes", async (request, reply) => {
    const made = await codes.create(formValue(request, "name").slice(0, 200));
    const content = await codesContent(request.sessionToken, made);
    return sendPage(reply, request.sessionToken, {
      title: "Activation codes",
      section: "/codes",
      content,
      liveUrl: `/codes?made=${made.id}`,
    });
  });

  const settingsContent = (
    session: string,
    interval: string,
    problem: string | undefined,
    saved: boolean,
  ) => settingsPage({ interval, problem, saved, formToken: formToken(session) });

  scope.get<{ Querystring: { saved?: string } }>("/settings", async (request, reply) => {
    const content = settingsContent(
      request.sessionToken,
      String(operator.settings.intervalSeconds),
      undefined,
      request.query.saved !== undefined,
    );
    return sendPage(reply, request.sessionToken, {
      title: "Settings",
      section: "/settings",
      content,
    });
  });

  scope.post("/settings", async (request, reply) => {
    const interval = formValue(request, "intervalSeconds").trim();
    const seconds = /^\d{1,6}$/.test(interval) ? Number(interval) : Number.NaN;
    const { minimum, maximum } = intervalBounds;
    if (!(seconds >= minimum && seconds <= maximum)) {
      const content = settingsContent(
        request.sessionToken,
        interval.slice(0, 10),
        `Type a whole number of seconds from ${minimum} to ${maximum}.`,
        false,
      );
      return sendPage(
        reply,
        request.sessionToken,
        { title: "Settings", section: "/settings", content },
        422,
      );
    }
    await operator.changeSettings({ intervalSeconds: seconds });
    return reply.redirect("/settings?saved", 303);
  });

  scope.get("/help/about", async (request, reply) =>
    sendPage(reply, request.sessionToken, {
      title: "Help",
      section: "/help/about",
      content: aboutPage(operator.about),
    }),
  );
  scope.get("/help/api", async (request, reply) =>
    sendPage(reply, request.sessionToken, {
      title: "API",
      section: "/help/about",
      content: apiPage(operator.about),
    }),
  );
  scope.get("/help/certificate-authority.pem", async (_request, reply) =>
    reply.type("application/x-pem-file").send(operator.about.certificateAuthority.certificate),
  );
}
