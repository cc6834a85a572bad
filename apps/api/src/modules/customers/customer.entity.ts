import type { EpochMs } from "@meterline/billing-domain";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "../../platform/database/index.ts";

/** The organization that is billed. */
@Entity("customer")
export class CustomerEntity {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  /** The operator's own id of this customer; never changes. */
  @Column({ type: "text", name: "external_id" })
  externalId: string;

  @Column({ type: "text" })
  name: string;

  /** Upper-case code; never changes, because every bill is in it. */
  @Column({ type: "text" })
  currency: string;

  /** An IANA name, in which people see days; billing periods are in UTC whatever it is. */
  @Column({ type: "text", name: "time_zone" })
  timeZone: string;

  @Column({ type: "text", nullable: true })
  email: string | null;

  /** Usage that occurred before is historical. */
  @Column({ type: "timestamptz", name: "go_live_at", transformer: instantColumn })
  goLiveAt: EpochMs;

  /** Raised by every change of subscriptions. */
  @Column({ type: "integer", name: "billing_version" })
  billingVersion: number;

  @Column({ type: "timestamptz", name: "created_at", transformer: instantColumn })
  createdAt: EpochMs;
}
