import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, PageInfo } from "../../platform/graphql/index.ts";
import { DeliveryType } from "./delivery.types.ts";

export const EndpointStateEnum = { ACTIVE: "ACTIVE", PAUSED: "PAUSED" } as const;
registerEnumType(EndpointStateEnum, {
  name: "WebhookEndpointState",
  description: "PAUSED: it accepted nothing for a day, or said that it is gone. What is to be told meanwhile is kept.",
});

@ObjectType("WebhookEndpoint", { simpleResolvers: true })
export class WebhookEndpointType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  customerId: string;

  @Field(() => String)
  url: string;

  @Field(() => String)
  description: string;

  @Field(() => EndpointStateEnum)
  state: keyof typeof EndpointStateEnum;

  @Field(() => String, { nullable: true })
  pauseReason: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Since when nothing was accepted; null while it works." })
  failingSince: Date | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

@ObjectType("WebhookEndpointWithSecret", { simpleResolvers: true })
export class EndpointWithSecretType {
  @Field(() => WebhookEndpointType)
  endpoint: WebhookEndpointType;

  @Field(() => String, {
    description: "whsec_…, shown once. Standard Webhooks signs with it: any of its libraries verifies what is sent.",
  })
  secret: string;
}

@InputType()
export class CreateWebhookEndpointInput {
  @Field(() => ID)
  customerId: string;

  @Field(() => String, { description: "https, on the public internet. Redirects are not followed." })
  url: string;

  @Field(() => String, { nullable: true })
  description?: string | null;
}

@ObjectType({ simpleResolvers: true })
export class DeliveryConnection {
  @Field(() => [DeliveryType], { description: "Latest first." })
  nodes: DeliveryType[];

  @Field(() => PageInfo)
  pageInfo: PageInfo;
}
