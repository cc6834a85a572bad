import { Arg, Ctx, Field, Int, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { authorize } from "../../platform/auth/index.ts";
import type { RequestContext } from "../../platform/graphql/index.ts";
import type { StripeCatalogService } from "./stripe-catalog.service.ts";
import type { StripeChange } from "./stripe-changes.ts";

/** One line of the difference between our catalog and the account at Stripe. */
@ObjectType("StripeCatalogChange", { simpleResolvers: true })
export class StripeCatalogChangeType {
  @Field(() => String, {
    description:
      "ADD is made new, ADOPT was there, REPLACE supersedes a price, MEND puts back what somebody changed. Nothing is done for RATED_HERE (Meterline prices the line) and REFUSE (a person has to).",
  })
  kind: string;

  @Field(() => String)
  path: string;

  @Field(() => String)
  summary: string;
}

@ObjectType("StripeCatalogDifference", { simpleResolvers: true })
export class StripeCatalogDifferenceType {
  @Field(() => [StripeCatalogChangeType])
  changes: StripeCatalogChangeType[];

  @Field(() => String, { description: "Names these changes; applyStripeCatalog asks for it." })
  digest: string;
}

@ObjectType("AppliedStripeCatalog", { simpleResolvers: true })
export class AppliedStripeCatalogType {
  @Field(() => [StripeCatalogChangeType])
  applied: StripeCatalogChangeType[];

  @Field(() => Int, { description: "Changes that are left for another call." })
  left: number;
}

/** Our catalog at Stripe. */
@Resolver()
export class StripeCatalogResolver {
  readonly #catalog: StripeCatalogService;

  constructor(services: { catalog: StripeCatalogService }) {
    this.#catalog = services.catalog;
  }

  @Query(() => StripeCatalogDifferenceType, {
    description: "What bringing the catalog to Stripe would do. Changes nothing.",
  })
  async stripeCatalogDifference(@Ctx() context: RequestContext): Promise<StripeCatalogDifferenceType> {
    authorize(context.viewer, { to: "WRITE_CATALOG" });
    const { changes, digest } = await this.#catalog.difference();
    return { changes: changes.map(mapChange), digest };
  }

  @Mutation(() => AppliedStripeCatalogType, {
    description: "Does what stripeCatalogDifference showed, up to 200 changes; CONFLICT when that has changed.",
  })
  async applyStripeCatalog(
    @Ctx() context: RequestContext,
    @Arg("digest", () => String) digest: string,
  ): Promise<AppliedStripeCatalogType> {
    const viewer = authorize(context.viewer, { to: "WRITE_CATALOG" });
    const { applied, left } = await this.#catalog.apply(viewer, digest);
    return { applied: applied.map(mapChange), left };
  }
}

function mapChange({ kind, path, summary }: StripeChange): StripeCatalogChangeType {
  return { kind, path, summary };
}
