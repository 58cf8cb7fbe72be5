import { type Context, type Effect, type OpenRequest, type OpenScreen, openScreen } from "../app/contract.ts";
import { diagnosticsModel, startDiagnostics } from "./diagnostics/model.ts";
import { diagnosticsView } from "./diagnostics/view.ts";
import { enrolmentModel, startEnrolment } from "./enrolment/model.ts";
import { enrolmentView } from "./enrolment/view.ts";
import { historyModel, startHistory } from "./history/model.ts";
import { historyView } from "./history/view.ts";
import { homeModel } from "./home/model.ts";
import { homeView } from "./home/view.ts";
import { networkModel, startNetwork } from "./network/model.ts";
import { networkView } from "./network/view.ts";
import { powerModel, startPower } from "./power/model.ts";
import { powerView } from "./power/view.ts";
import { proxyModel, startProxy } from "./proxy/model.ts";
import { proxyView } from "./proxy/view.ts";
import { reviewModel, startReview } from "./review/model.ts";
import { reviewView } from "./review/view.ts";
import { startTrial, trialModel } from "./trial/model.ts";
import { trialView } from "./trial/view.ts";

export interface Opened {
  screen: OpenScreen;
  effects: readonly Effect[];
}

export function openHome(): OpenScreen {
  return openScreen(homeModel, homeView, { selected: 0 });
}

/** The screen that was asked for, or null when what it shows is not there yet. */
export function open(request: OpenRequest, { status }: Context): Opened | null {
  if (status === null) return null;
  switch (request.name) {
    case "home":
      return { screen: openHome(), effects: [] };
    case "network":
      return { screen: openScreen(networkModel, networkView, startNetwork(status.settings)), effects: [] };
    case "history":
      return { screen: openScreen(historyModel, historyView, startHistory()), effects: [{ type: "ask", verb: "history", request: {} }] };
    case "proxy":
      return { screen: openScreen(proxyModel, proxyView, startProxy(status.settings)), effects: [] };
    case "enrolment":
      return { screen: openScreen(enrolmentModel, enrolmentView, startEnrolment(status.settings)), effects: [] };
    case "diagnostics":
      return { screen: openScreen(diagnosticsModel, diagnosticsView, startDiagnostics()), effects: [{ type: "ask", verb: "doctor" }] };
    case "power":
      return { screen: openScreen(powerModel, powerView, startPower()), effects: [] };
    case "review":
      return { screen: openScreen(reviewModel, reviewView, startReview(request.change)), effects: [{ type: "ask", verb: "review", change: request.change }] };
    case "trial":
      return status.trial === null ? null : { screen: openScreen(trialModel, trialView, startTrial(status.trial)), effects: [] };
  }
}
