import { Column, Entity, PrimaryColumn } from "typeorm";
import type { ApiKeyScope } from "./viewer.ts";

/** A key of a product backend. The secret itself is never stored. */
@Entity("api_key")
export class ApiKeyEntity {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  @Column({ type: "text" })
  name: string;

  /** The first characters, by which a person recognizes a key. */
  @Column({ type: "text" })
  prefix: string;

  /** SHA-256 of the whole key. A fast hash is enough: the key is 32 random bytes, which nobody can try out. */
  @Column({ type: "bytea", name: "secret_hash" })
  secretHash: Buffer;

  @Column({ type: "text", array: true })
  scopes: ApiKeyScope[];

  @Column({ type: "timestamptz", name: "created_at" })
  createdAt: Date;

  /** At most a minute behind. */
  @Column({ type: "timestamptz", name: "last_used_at", nullable: true })
  lastUsedAt: Date | null;

  @Column({ type: "timestamptz", name: "revoked_at", nullable: true })
  revokedAt: Date | null;
}
