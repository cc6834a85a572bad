// @vitest-environment jsdom
import { CUSTOMER, METERS, mockApi, PROJECTION, renderApp, RULE } from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { AlertRulesPage } from "./alert-rules-page.tsx";

afterEach(cleanup);

test("quiet hours that were saved are said back", async () => {
  const alertSettings = { quietHours: { from: "22:00", to: "07:00" }, snoozedUntil: null, defaultForecast: true };
  const api = mockApi({
    meters: Object.values(METERS),
    limits: [],
    alertRules: [RULE],
    projection: PROJECTION,
    alertSettings,
    changeAlertSettings: { ...alertSettings, quietHours: { from: "21:30", to: "07:00" } },
  });
  renderApp(<AlertRulesPage customerId={CUSTOMER.id} />, { api });
  fireEvent.change(await screen.findByLabelText("From"), { target: { value: "21:30" } });
  fireEvent.click(screen.getByRole("button", { name: "Save quiet hours" }));
  expect(await screen.findByText("Saved: e-mail waits from 21:30 to 07:00.")).toBeDefined();
});
