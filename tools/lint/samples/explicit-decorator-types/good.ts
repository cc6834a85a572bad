import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver, Root } from "type-graphql";
import { Column, Entity, ManyToOne, PrimaryColumn } from "typeorm";
import { Field as FormField } from "./form.ts";

@ObjectType()
export class Sample {
  @Field(() => String)
  name!: string;

  @Field(() => [String], { nullable: true })
  notes!: string[] | null;

  @FormField()
  unrelated!: string;
}

@Resolver(() => Sample)
export class SampleResolver {
  @Query(() => Sample)
  one(@Arg("id", () => ID) id: string, @Ctx() context: object, @Root() root: object): object {
    return { id, context, root };
  }
}

@Entity({ name: "sample" })
export class SampleEntity {
  @PrimaryColumn({ type: "uuid" })
  id!: string;

  @Column("text", { name: "external_id" })
  externalId!: string;

  @ManyToOne(() => SampleEntity)
  parent!: SampleEntity;
}
