import {
  type Context,
  type Effect,
  type OpenRequest,
  type OpenScreen,
  openScreen,
} from "../contract/contract.ts";
import { certificatesModel, startCertificates } from "./certificates/model.ts";
import { certificatesView } from "./certificates/view.ts";
import { askDoctor, diagnosticsModel, startDiagnostics } from "./diagnostics/model.ts";
import { diagnosticsView } from "./diagnostics/view.ts";
import { egressModel, startEgress } from "./egress/model.ts";
import { egressView } from "./egress/view.ts";
import { enrolmentModel, startEnrolment } from "./enrolment/model.ts";
import { enrolmentView } from "./enrolment/view.ts";
import { firewallModel, startFirewall } from "./firewall/model.ts";
import { firewallView } from "./firewall/view.ts";
import { historyModel, startHistory } from "./history/model.ts";
import { historyView } from "./history/view.ts";
import { homeModel } from "./home/model.ts";
import { homeView } from "./home/view.ts";
import { askLogs, logsModel, startLogs } from "./logs/model.ts";
import { logsView } from "./logs/view.ts";
import { moreModel } from "./more/model.ts";
import { moreView } from "./more/view.ts";
import { networkModel, startNetwork } from "./network/model.ts";
import { networkView } from "./network/view.ts";
import { pinModel, startPin } from "./pin/model.ts";
import { pinView } from "./pin/view.ts";
import { powerModel, startPower } from "./power/model.ts";
import { powerView } from "./power/view.ts";
import { proxyModel, startProxy } from "./proxy/model.ts";
import { proxyView } from "./proxy/view.ts";
import { recoveryModel, startRecovery } from "./recovery/model.ts";
import { recoveryView } from "./recovery/view.ts";
import { reviewModel, startReview } from "./review/model.ts";
import { reviewView } from "./review/view.ts";
import { scansModel, startScans } from "./scans/model.ts";
import { scansView } from "./scans/view.ts";
import { clockFacts, consoleForm, limitsForm, timeForm } from "./settings-form/kinds.ts";
import { type SettingsForm, settingsFormModel, startSettingsForm } from "./settings-form/model.ts";
import { settingsFormView } from "./settings-form/view.ts";
import { startSupport, supportModel } from "./support/model.ts";
import { supportView } from "./support/view.ts";
import { startTools, toolsModel } from "./tools/model.ts";
import { toolsView } from "./tools/view.ts";
import { startTrial, trialModel } from "./trial/model.ts";
import { trialView } from "./trial/view.ts";
import { startUpdates, updatesModel } from "./updates/model.ts";
import { updatesView } from "./updates/view.ts";
import { startWelcome, welcomeModel } from "./welcome/model.ts";
import { welcomeView } from "./welcome/view.ts";

export interface Opened {
  screen: OpenScreen;
  effects: readonly Effect[];
}

export function openHome(): OpenScreen {
  return openScreen(homeModel, homeView, { selected: 0 });
}

/**
 * Opens a screen. Null while there is nothing to show on it: before the first status, or without a
 * trial.
 */
export function open(request: OpenRequest, context: Context): Opened | null {
  const { status } = context;
  if (status === null) return null;
  const form = <Name extends string>(
    kind: SettingsForm<Name>,
    facts?: typeof clockFacts,
  ): Opened => ({
    screen: openScreen(
      settingsFormModel(kind),
      settingsFormView(kind, facts),
      startSettingsForm(kind, status.settings),
    ),
    effects: [],
  });
  switch (request.name) {
    case "home":
      return { screen: openHome(), effects: [] };
    case "welcome":
      return {
        screen: openScreen(welcomeModel, welcomeView, startWelcome(status.settings)),
        effects: [],
      };
    case "network":
      return {
        screen: openScreen(
          networkModel,
          networkView,
          startNetwork(status.settings, status.interfaces),
        ),
        effects: [],
      };
    case "history":
      return {
        screen: openScreen(historyModel, historyView, startHistory()),
        effects: [{ type: "ask", verb: "history", request: {} }],
      };
    case "proxy":
      return {
        screen: openScreen(proxyModel, proxyView, startProxy(status.settings)),
        effects: [],
      };
    case "enrolment":
      return {
        screen: openScreen(enrolmentModel, enrolmentView, startEnrolment(status.settings)),
        effects: [],
      };
    case "firewall":
      return {
        screen: openScreen(firewallModel, firewallView, startFirewall()),
        effects: [{ type: "ask", verb: "egress", request: {} }],
      };
    case "egress":
      return {
        screen: openScreen(egressModel, egressView, startEgress()),
        effects: [{ type: "ask", verb: "egress", request: {} }],
      };
    case "diagnostics": {
      const diagnostics = startDiagnostics("typed" in request ? request.typed : null);
      return {
        screen: openScreen(diagnosticsModel, diagnosticsView, diagnostics),
        effects: [askDoctor(diagnostics)],
      };
    }
    case "tools":
      return { screen: openScreen(toolsModel, toolsView, startTools(context)), effects: [] };
    case "scans":
      return { screen: openScreen(scansModel, scansView, startScans()), effects: [] };
    case "logs":
      return {
        screen: openScreen(logsModel, logsView, startLogs()),
        effects: [askLogs(startLogs())],
      };
    case "updates":
      return { screen: openScreen(updatesModel, updatesView, startUpdates()), effects: [] };
    case "more":
      return { screen: openScreen(moreModel, moreView, { selected: 0 }), effects: [] };
    case "certificates":
      return {
        screen: openScreen(
          certificatesModel,
          certificatesView,
          startCertificates(status.settings, request.seen),
        ),
        effects: [],
      };
    case "time":
      return form(timeForm, clockFacts);
    case "limits":
      return form(limitsForm);
    case "console":
      return form(consoleForm);
    case "pin":
      return { screen: openScreen(pinModel, pinView, startPin()), effects: [] };
    case "support":
      return {
        screen: openScreen(supportModel, supportView, startSupport()),
        effects: [{ type: "ask", verb: "volumes", request: {} }],
      };
    case "recovery":
      return { screen: openScreen(recoveryModel, recoveryView, startRecovery()), effects: [] };
    case "power":
      return { screen: openScreen(powerModel, powerView, startPower()), effects: [] };
    case "review":
      return {
        screen: openScreen(reviewModel, reviewView, startReview(request.change, request.restores)),
        effects: [{ type: "ask", verb: "review", request: request.change }],
      };
    case "trial":
      return status.trial === null
        ? null
        : {
            screen: openScreen(
              trialModel,
              trialView,
              startTrial(status.trial, request.aboveForm === true),
            ),
            effects: [],
          };
  }
}
