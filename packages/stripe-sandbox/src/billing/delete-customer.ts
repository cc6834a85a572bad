import type Stripe from "stripe";
import { deleteCustomer } from "../catalog/customers.ts";
import { customerNow } from "../core/world.ts";
import { pathPart, type Route } from "../http/route.ts";
import { noSuch } from "../wire/errors.ts";
import type { Wire } from "../wire/wire.ts";
import { endSubscription } from "./renew.ts";

/** `DELETE /v1/customers/{id}`: also ends the customer's subscriptions, at once and without a last invoice */
export const DELETE_CUSTOMER_ROUTES: readonly Route[] = [
  {
    method: "DELETE",
    pattern: "/v1/customers/:id",
    handle: (world, call): Wire<Stripe.DeletedCustomer> => {
      const id = pathPart(call, "id");
      if (!world.state.customers.get(id)) throw noSuch("customer", id);
      const at = customerNow(world, id);
      for (const row of world.state.subscriptions.by("customer", id)) {
        if (row.wire.status !== "canceled") endSubscription(world, row.id, at);
      }
      deleteCustomer(world, id);
      return { id, object: "customer", deleted: true };
    },
  },
];
