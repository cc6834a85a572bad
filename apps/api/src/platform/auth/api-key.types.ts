import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar } from "../graphql/scalars.ts";
import type { ApiKeyEntity } from "./api-key.entity.ts";
import type { ApiKeyScope } from "./viewer.ts";

/** The scopes under the names that GraphQL allows. */
export const ApiKeyScopeEnum: Readonly<Record<string, ApiKeyScope>> = {
  USAGE_WRITE: "usage:write",
  USAGE_BACKFILL: "usage:backfill",
  USAGE_READ: "usage:read",
  CATALOG_WRITE: "catalog:write",
  CUSTOMERS_WRITE: "customers:write",
};
registerEnumType(ApiKeyScopeEnum, {
  name: "ApiKeyScope",
  valuesConfig: { USAGE_BACKFILL: { description: "Record events older than 35 days." } },
});

/** A key as shown in lists: never with its secret. */
@ObjectType("ApiKey", { simpleResolvers: true })
export class ApiKeyType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  name: string;

  @Field(() => String, { description: "The first characters of the key." })
  prefix: string;

  @Field(() => [ApiKeyScopeEnum])
  scopes: ApiKeyScope[];

  @Field(() => DateTimeScalar)
  createdAt: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  lastUsedAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  revokedAt: Date | null;
}

/** The only answer that holds a secret. */
@ObjectType({ simpleResolvers: true })
export class CreatedApiKey {
  @Field(() => ApiKeyType)
  apiKey: ApiKeyType;

  @Field(() => String, { description: "Shown once." })
  secret: string;
}

@InputType()
export class CreateApiKeyInput {
  @Field(() => String)
  name: string;

  @Field(() => [ApiKeyScopeEnum])
  scopes: ApiKeyScope[];
}

/** What callers see of a stored key. */
export function mapApiKey(entity: ApiKeyEntity): ApiKeyType {
  const { id, name, prefix, scopes, createdAt, lastUsedAt, revokedAt } = entity;
  return { id, name, prefix, scopes, createdAt, lastUsedAt, revokedAt };
}
