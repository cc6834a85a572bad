// @vitest-environment jsdom
import { apiError, CUSTOMER, mockApi, type MockRoot, renderApp } from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { CustomerPage } from "./customer-page.tsx";

afterEach(cleanup);

const ann = {
  userId: "user-1",
  name: "Ann Owner",
  email: "ann@northwind.test",
  role: "OWNER",
  createdAt: "2026-11-02T00:00:00.000Z",
};
const NOBODY = "Nobody can sign in to the portal for this customer yet.";

function open(members: readonly object[], root: MockRoot = {}) {
  const api = mockApi({ customer: { ...CUSTOMER, members }, ...root });
  const page = (
    <Routes>
      <Route path="customers/:customerId/*" element={<CustomerPage />} />
    </Routes>
  );
  renderApp(page, { api, path: "/customers/customer-1/members" });
  return api;
}

async function fill({ name = "Ann Owner", email = "ann@northwind.test" } = {}) {
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: name } });
  fireEvent.change(screen.getByLabelText("E-mail"), { target: { value: email } });
}

const add = () => fireEvent.click(screen.getByRole("button", { name: "Add member" }));

test("members: each with address, role and the day it began", async () => {
  open([ann, { ...ann, userId: "user-2", name: "Bo Viewer", email: "bo@northwind.test", role: "VIEWER" }]);
  const table = within(await screen.findByRole("table", { name: "Members" }));
  expect(table.getByRole("row", { name: /^Ann Owner ann@northwind.test Owner .*Nov 2/ })).toBeDefined();
  expect(table.getByRole("row", { name: /^Bo Viewer bo@northwind.test Viewer/ })).toBeDefined();
});

test("members: a customer without any says so", async () => {
  open([]);
  expect(await screen.findByText(NOBODY)).toBeDefined();
  expect(screen.queryByRole("table")).toBeNull();
});

test("members: a list that fails offers another try, and people can still be added", async () => {
  let fails = true;
  open([], {
    customer: () => ({
      ...CUSTOMER,
      members: () => {
        if (fails) throw apiError("UNAVAILABLE");
        return [ann];
      },
    }),
  });
  expect(await screen.findByText("Meterline is not answering right now")).toBeDefined();
  expect(screen.getByRole("button", { name: "Add member" })).toBeDefined();
  fails = false;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("table", { name: "Members" })).toBeDefined();
});

test("adding: the password is shown once, takes the focus, and is gone when it is put away", async () => {
  const members: object[] = [];
  const createMember = vi.fn<(variables: { input: object }) => object>(() => {
    members.push({ ...ann, role: "VIEWER" });
    return { member: { ...ann, role: "VIEWER" }, temporaryPassword: "temporary-1" };
  });
  const api = open(members, { createMember });
  await fill({ name: "  Ann Owner " });
  fireEvent.change(screen.getByLabelText("Role"), { target: { value: "VIEWER" } });
  add();
  expect(await screen.findByText("temporary-1")).toBeDefined();
  expect(createMember.mock.calls[0]?.[0].input).toEqual({
    customerId: "customer-1",
    name: "Ann Owner",
    email: "ann@northwind.test",
    role: "VIEWER",
  });
  const notice = screen.getByText("temporary-1").closest("[role=status]");
  expect(document.activeElement).toBe(notice);
  expect(notice?.textContent).toMatch(/shown this once.*in person or by phone/);
  expect(screen.getByRole("button", { name: "Copy temporary password" })).toBeDefined();
  expect(await screen.findByRole("row", { name: /^Ann Owner .* Viewer/ })).toBeDefined();

  fireEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  expect(screen.queryByText("temporary-1")).toBeNull();
  expect(JSON.stringify(api.client.extract())).not.toContain("temporary-1");
  const name = screen.getByLabelText<HTMLInputElement>("Name");
  expect(name.value).toBe("");
  expect(document.activeElement).toBe(name);
});

test("adding: somebody who had a sign-in keeps the password", async () => {
  open([ann], { createMember: { member: ann, temporaryPassword: null } });
  await fill();
  add();
  expect(await screen.findByText("This person had a sign-in already; their password stays.")).toBeDefined();
  expect(screen.queryByRole("button", { name: /^Copy temporary/ })).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Done" }));
  expect(screen.getByRole("button", { name: "Add member" })).toBeDefined();
});

test("adding: sent twice at once, it asks once", async () => {
  const createMember = vi.fn<() => object>(() => ({ member: ann, temporaryPassword: "temporary-1" }));
  open([], { createMember });
  await fill();
  const form = screen.getByLabelText("Name").closest("form");
  if (form === null) throw new Error("The field stands in no form.");
  fireEvent.submit(form);
  fireEvent.submit(form);
  expect(await screen.findByText("temporary-1")).toBeDefined();
  expect(createMember).toHaveBeenCalledTimes(1);
});

test.each([
  ["name", "BAD_USER_INPUT", "Name"],
  ["email", "BAD_USER_INPUT", "E-mail"],
  // The person behind an e-mail address is of another customer.
  ["userId", "CONFLICT", "E-mail"],
])(
  "adding: a refusal of %s (%s) stands at the field %s, keeps what was typed, and goes when it changes",
  async (field, code, label) => {
    open([], {
      createMember: () => {
        throw apiError(code, "That is not right.", field);
      },
    });
    await fill();
    add();
    const message = await screen.findByText("That is not right.");
    const input = screen.getByLabelText<HTMLInputElement>(label);
    expect(input.getAttribute("aria-describedby")?.split(" ")).toContain(message.id);
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(document.activeElement).toBe(input);
    expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Ann Owner");
    fireEvent.change(input, { target: { value: "another@northwind.test" } });
    expect(screen.queryByText("That is not right.")).toBeNull();
  },
);

test("adding: a refusal that names no field of the form stands above the button, and the next try may work", async () => {
  let refuses = true;
  open([], {
    createMember: () => {
      if (refuses) throw apiError("NOT_FOUND", "There is no such customer.", "customerId");
      return { member: ann, temporaryPassword: "temporary-1" };
    },
  });
  await fill();
  add();
  expect((await screen.findByRole("alert")).textContent).toBe("There is no such customer.");
  refuses = false;
  add();
  expect(await screen.findByText("temporary-1")).toBeDefined();
});

test("a lost password: staff confirm, the new one is shown once and is in no cache", async () => {
  const resetMemberPassword = vi.fn<(variables: object) => object>(() => ({
    member: ann,
    temporaryPassword: "temporary-2",
  }));
  const api = open([ann], { resetMemberPassword });
  fireEvent.click(await screen.findByRole("button", { name: "New temporary password: Ann Owner" }));
  expect(resetMemberPassword).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Sign out everywhere and make one" }));
  expect(await screen.findByText("temporary-2")).toBeDefined();
  expect(resetMemberPassword.mock.calls[0]?.[0]).toMatchObject({ customerId: "customer-1", userId: "user-1" });
  fireEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  expect(screen.queryByText("temporary-2")).toBeNull();
  expect(JSON.stringify(api.client.cache.extract())).not.toContain("temporary-2");
});
