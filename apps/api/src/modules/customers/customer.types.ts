import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { DateTimeScalar, PageInfo } from "../../platform/graphql/index.ts";
import type { CustomerRecord } from "./customer-list.read-model.ts";

/** The organization that is billed. The catalog adds its subscription. */
@ObjectType("Customer", { simpleResolvers: true, description: "The organization that is billed." })
export class CustomerType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  externalId: string;

  @Field(() => String)
  name: string;

  @Field(() => String)
  currency: string;

  @Field(() => String)
  timeZone: string;

  @Field(() => String, { nullable: true })
  email: string | null;

  @Field(() => DateTimeScalar, {
    description: "Usage that occurred before this instant is historical: billed on no Stripe invoice.",
  })
  goLiveAt: Date;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

@ObjectType({ simpleResolvers: true })
export class CustomerConnection {
  @Field(() => [CustomerType])
  nodes: CustomerType[];

  @Field(() => PageInfo)
  pageInfo: PageInfo;

  @Field(() => Int)
  totalCount: number;
}

@InputType()
export class CreateCustomerInput {
  @Field(() => String)
  externalId: string;

  @Field(() => String, { nullable: true, description: "Default: the external id." })
  name?: string | null;

  @Field(() => String, { nullable: true, defaultValue: "USD" })
  currency?: string | null;

  @Field(() => String, { nullable: true, defaultValue: "UTC" })
  timeZone?: string | null;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Default: now." })
  goLiveAt?: string | null;
}

@InputType()
export class UpdateCustomerInput {
  @Field(() => ID)
  id: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  timeZone?: string | null;

  @Field(() => String, { nullable: true, description: "Null clears it." })
  email?: string | null;
}

/** A customer as the API shows it. */
export function mapCustomer(record: CustomerRecord): CustomerType {
  const { id, externalId, name, currency, timeZone, email, goLiveAt, createdAt } = record;
  return {
    id,
    externalId,
    name,
    currency,
    timeZone,
    email,
    goLiveAt: new Date(goLiveAt),
    createdAt: new Date(createdAt),
  };
}
