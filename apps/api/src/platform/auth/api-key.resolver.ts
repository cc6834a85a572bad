import { Arg, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../graphql/context.ts";
import type { ApiKeyService } from "./api-key.service.ts";
import { ApiKeyType, CreateApiKeyInput, CreatedApiKey, mapApiKey } from "./api-key.types.ts";
import { authorize } from "./policy.ts";

/** Staff's view of the API keys. */
@Resolver()
export class ApiKeyResolver {
  readonly #apiKeys: ApiKeyService;

  constructor(apiKeys: ApiKeyService) {
    this.#apiKeys = apiKeys;
  }

  @Query(() => [ApiKeyType])
  async apiKeys(@Ctx() context: RequestContext): Promise<ApiKeyType[]> {
    authorize(context.viewer, { to: "MANAGE_API_KEYS" });
    return (await this.#apiKeys.list()).map(mapApiKey);
  }

  @Mutation(() => CreatedApiKey)
  async createApiKey(
    @Ctx() context: RequestContext,
    @Arg("input", () => CreateApiKeyInput) input: CreateApiKeyInput,
  ): Promise<CreatedApiKey> {
    const viewer = authorize(context.viewer, { to: "MANAGE_API_KEYS" });
    const { apiKey, secret } = await this.#apiKeys.create(viewer, input);
    return { apiKey: mapApiKey(apiKey), secret };
  }

  @Mutation(() => ApiKeyType)
  async revokeApiKey(@Ctx() context: RequestContext, @Arg("id", () => ID) id: string): Promise<ApiKeyType> {
    const viewer = authorize(context.viewer, { to: "MANAGE_API_KEYS" });
    return mapApiKey(await this.#apiKeys.revoke(viewer, id));
  }
}
