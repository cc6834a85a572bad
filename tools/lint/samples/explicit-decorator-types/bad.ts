import { Arg, Field, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { Column, Entity, ManyToOne, PrimaryColumn } from "typeorm";

@ObjectType()
export class Sample {
  @Field() // fault
  name!: string;

  @Field({ nullable: true }) // fault
  note!: string | null;
}

@Resolver()
export class SampleResolver {
  @Query() // fault
  one(
    @Arg("id") id: string, // fault
  ): string {
    return id;
  }

  @Mutation({ nullable: true }) // fault
  two(): boolean {
    return true;
  }
}

@Entity({ name: "sample" })
export class SampleEntity {
  @PrimaryColumn() // fault
  id!: string;

  @Column({ name: "external_id" }) // fault
  externalId!: string;

  @ManyToOne("SampleEntity") // fault
  parent!: SampleEntity;
}
