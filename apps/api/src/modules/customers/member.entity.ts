import type { EpochMs } from "@meterline/billing-domain";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "../../platform/database/index.ts";

/** What a member may do in the portal. */
export type MemberRole = "OWNER" | "VIEWER";

/** A person of a customer; sign-in itself is better-auth's. One person belongs to one customer. */
@Entity("member")
export class MemberEntity {
  @PrimaryColumn({ type: "uuid", name: "customer_id" })
  customerId: string;

  /** The person's id at portal sign-in. */
  @PrimaryColumn({ type: "text", name: "user_id" })
  userId: string;

  @Column({ type: "text" })
  role: MemberRole;

  @Column({ type: "timestamptz", name: "created_at", transformer: instantColumn })
  createdAt: EpochMs;
}
