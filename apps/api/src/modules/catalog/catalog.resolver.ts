import { Arg, Ctx, Field, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { authorize } from "../../platform/auth/index.ts";
import { JSONObjectScalar, type RequestContext } from "../../platform/graphql/index.ts";
import type { CatalogDifference, CatalogService } from "./catalog.service.ts";
import { MeterType, mapMeter } from "./meter.types.ts";
import type { Meters } from "./meters.ts";
import { mapPlan, PlanType } from "./plan.types.ts";

/** One line of the difference between a catalog file and the database. */
@ObjectType("CatalogChange", { simpleResolvers: true })
export class CatalogChangeType {
  @Field(() => String, { description: "ADD, CHANGE, or KEEP for what is in the database only." })
  kind: string;

  @Field(() => String)
  path: string;

  @Field(() => String)
  summary: string;

  @Field(() => JSONObjectScalar, { nullable: true })
  before: Record<string, unknown> | null;

  @Field(() => JSONObjectScalar, { nullable: true })
  after: Record<string, unknown> | null;
}

@ObjectType("CatalogDifference", { simpleResolvers: true })
export class CatalogDifferenceType {
  @Field(() => [CatalogChangeType])
  changes: CatalogChangeType[];

  @Field(() => String, { description: "Names this file against this database; applyCatalog asks for it." })
  digest: string;
}

/** What is measured and what it costs. */
@Resolver()
export class CatalogResolver {
  readonly #catalog: CatalogService;
  readonly #meters: Meters;

  constructor(services: { catalog: CatalogService; meters: Meters }) {
    this.#catalog = services.catalog;
    this.#meters = services.meters;
  }

  @Query(() => [MeterType])
  async meters(@Ctx() context: RequestContext): Promise<MeterType[]> {
    authorize(context.viewer, { to: "READ_METERS" });
    return (await this.#meters.all()).map(mapMeter);
  }

  @Query(() => [PlanType])
  async plans(@Ctx() context: RequestContext): Promise<PlanType[]> {
    authorize(context.viewer, { to: "READ_PLANS" });
    return (await this.#catalog.plans()).map(mapPlan);
  }

  @Query(() => CatalogDifferenceType, { description: "What applying a catalog file would do. Changes nothing." })
  async catalogDifference(
    @Ctx() context: RequestContext,
    @Arg("catalog", () => JSONObjectScalar) catalog: Record<string, unknown>,
  ): Promise<CatalogDifferenceType> {
    authorize(context.viewer, { to: "WRITE_CATALOG" });
    return mapDifference(await this.#catalog.difference(catalog));
  }

  @Mutation(() => CatalogDifferenceType, {
    description: "Applies what catalogDifference showed; CONFLICT when that has changed.",
  })
  async applyCatalog(
    @Ctx() context: RequestContext,
    @Arg("catalog", () => JSONObjectScalar) catalog: Record<string, unknown>,
    @Arg("digest", () => String) digest: string,
  ): Promise<CatalogDifferenceType> {
    const viewer = authorize(context.viewer, { to: "WRITE_CATALOG" });
    return mapDifference(await this.#catalog.apply(viewer, catalog, digest));
  }
}

function mapDifference({ changes, digest }: CatalogDifference): CatalogDifferenceType {
  return {
    digest,
    changes: changes.map((change) => ({
      ...change,
      before: change.before === null ? null : { ...change.before },
      after: change.after === null ? null : { ...change.after },
    })),
  };
}
