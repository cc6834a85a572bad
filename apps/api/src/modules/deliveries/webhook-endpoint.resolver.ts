import type { AlertChannel } from "@meterline/billing-domain";
import { Arg, Args, Ctx, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import { authorize, readAs } from "../../platform/auth/index.ts";
import type { Database } from "../../platform/database/index.ts";
import { invariant, pageSize, type RequestContext } from "../../platform/graphql/index.ts";
import { AlertChannelEnum } from "../alerts/index.ts";
import { type BillingProfiles, viewedProfile } from "../catalog/index.ts";
import { CustomerArgs } from "../usage/index.ts";
import { deliveryById, deliveryPage } from "./delivery.read-model.ts";
import { DeliveryType } from "./delivery.types.ts";
import type { WebhookEndpointService } from "./webhook-endpoint.service.ts";
import {
  CreateWebhookEndpointInput,
  DeliveryConnection,
  EndpointWithSecretType,
  WebhookEndpointType,
} from "./webhook-endpoint.types.ts";

/** Where customers' systems are told, and what was sent. */
@Resolver()
export class WebhookEndpointResolver {
  readonly #on: { endpoints: WebhookEndpointService; profiles: BillingProfiles; database: Database };

  constructor(on: { endpoints: WebhookEndpointService; profiles: BillingProfiles; database: Database }) {
    this.#on = on;
  }

  @Query(() => [WebhookEndpointType])
  async webhookEndpoints(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
  ): Promise<WebhookEndpointType[]> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    return this.#on.endpoints.list(viewer, profile.customerId);
  }

  @Query(() => DeliveryConnection, {
    description: "Everything that was sent or is to be, of alerts and tests. At most 200 a page.",
  })
  async alertDeliveries(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
    @Arg("channel", () => AlertChannelEnum, { nullable: true }) channel?: AlertChannel | null,
    @Arg("endpointId", () => ID, { nullable: true }) endpointId?: string | null,
    @Arg("first", () => Int, { nullable: true, defaultValue: 50 }) first?: number | null,
    @Arg("after", () => String, { nullable: true }) after?: string | null,
  ): Promise<DeliveryConnection> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    const query = {
      customerId: profile.customerId,
      channel: channel ?? null,
      endpointId: endpointId ?? null,
      first: pageSize(first ?? 50),
      after: after ?? null,
    };
    return readAs(this.#on.database, viewer, (sql) => deliveryPage(sql, query));
  }

  @Mutation(() => EndpointWithSecretType, { description: "Owners of the customer, staff, keys with customers:write." })
  createWebhookEndpoint(
    @Ctx() context: RequestContext,
    @Arg("input", () => CreateWebhookEndpointInput) input: CreateWebhookEndpointInput,
  ): Promise<EndpointWithSecretType> {
    const { customerId, url, description } = input;
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId });
    return this.#on.endpoints.create(viewer, { customerId, url, description: description ?? null });
  }

  @Mutation(() => EndpointWithSecretType, {
    description: "A new secret; what is sent is signed by the old one too, for keepOldHours (0 to 168).",
  })
  rotateWebhookSecret(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("id", () => ID) id: string,
    @Arg("keepOldHours", () => Int, { nullable: true, defaultValue: 24 }) keepOldHours?: number | null,
  ): Promise<EndpointWithSecretType> {
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId });
    return this.#on.endpoints.rotate(viewer, customerId, id, keepOldHours ?? 24);
  }

  @Mutation(() => WebhookEndpointType)
  deleteWebhookEndpoint(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("id", () => ID) id: string,
  ): Promise<WebhookEndpointType> {
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId });
    return this.#on.endpoints.remove(viewer, customerId, id);
  }

  @Mutation(() => WebhookEndpointType, { description: "Sends to a paused endpoint again, what waited for it first." })
  resumeWebhookEndpoint(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("id", () => ID) id: string,
  ): Promise<WebhookEndpointType> {
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId });
    return this.#on.endpoints.resume(viewer, customerId, id);
  }

  @Mutation(() => DeliveryType, { description: "Sends a test message; how it goes is in alertDeliveries." })
  async testWebhookEndpoint(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("id", () => ID) id: string,
  ): Promise<DeliveryType> {
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId });
    const deliveryId = await this.#on.endpoints.test(viewer, customerId, id);
    const delivery = await readAs(this.#on.database, viewer, (sql) => deliveryById(sql, customerId, deliveryId));
    invariant(delivery, `delivery ${deliveryId} was just queued`);
    return delivery;
  }
}
