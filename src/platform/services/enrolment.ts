import type { FastifyInstance } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type {
  CertificateReply,
  ConfigurationReply,
  EnrolmentReply,
  SuccessionsReply,
} from "../../protocol/schemas/enrolment.ts";
import { validators } from "../../protocol/validators.ts";
import { checkCertificateRequest } from "../certificates/authority.ts";
import type { PlatformContext } from "./context.ts";
import { addSignedService, callerAppliance, callerCode, readContent } from "./signed-service.ts";

export function addEnrolmentService(app: FastifyInstance, context: PlatformContext): void {
  const {
    store,
    authorities,
    replyKeys,
    configuration,
    content: published,
    clock,
    random,
    changes,
    log,
  } = context;
  // Not signed, and not below the signed service: it is for appliances that do not know the key in
  // use. Each succession proves itself.
  app.get(
    `${context.addresses.services.enrolment.pathname}/successions`,
    async (_request, reply): Promise<SuccessionsReply> => {
      reply.header("cache-control", "no-store");
      return replyKeys.successions;
    },
  );
  addSignedService(app, "enrolment", context, (scope) => {
    scope.post(
      "/appliances",
      { config: { caller: "code" } },
      async (request): Promise<EnrolmentReply> => {
        const code = callerCode(request);
        const content = readContent(request, validators.EnrolmentRequest);
        const { publicKey } = await checkCertificateRequest(content.certificateRequest);
        const id = random.uuid();
        const enrolment = await store.codes.use(
          code.id,
          {
            id,
            name: code.name || content.hostname || `appliance ${code.id}`,
            hostname: content.hostname,
            publicKey,
            certificate: await context.authority.issueAppliance(code.forApplianceId ?? id, {
              publicKey,
            }),
            softwareVersion: content.softwareVersion,
            told: context.rolls.told,
          },
          clock.nowMs(),
        );
        if (enrolment.kind !== "enrolled") throw new OutriderError(enrolment.kind);
        log.info("appliance enrolled", {
          appliance: enrolment.applianceId,
          name: enrolment.name,
          code: code.id,
        });
        changes.publish(enrolment.applianceId);
        return {
          applianceId: enrolment.applianceId,
          applianceName: enrolment.name,
          certificate: enrolment.certificate,
          certificateAuthorities: authorities.listed,
          serverTime: clock.nowMs(),
          configuration: configuration.current,
          contentRoot: published.rootText,
        };
      },
    );

    scope.post("/certificate", async (request): Promise<CertificateReply> => {
      const applianceId = callerAppliance(request);
      const { certificateRequest } = readContent(request, validators.CertificateRequest);
      const { publicKey } = await checkCertificateRequest(certificateRequest);
      // A renewal keeps the key that signed this request; only an activation code brings a new key.
      if ((await store.appliances.key(applianceId))?.publicKey !== publicKey)
        throw new OutriderError("request-invalid", { detail: fact("key-is-another") });
      const certificate = await context.authority.issueAppliance(applianceId, { publicKey });
      await store.appliances.renewCertificate(applianceId, certificate);
      log.info("certificate renewed", { appliance: applianceId });
      return {
        serverTime: clock.nowMs(),
        certificate,
        certificateAuthorities: authorities.listed,
      };
    });

    scope.get(
      "/configuration",
      async (): Promise<ConfigurationReply> => ({
        serverTime: clock.nowMs(),
        configuration: configuration.current,
      }),
    );
  });
}
