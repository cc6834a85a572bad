export { CustomerEntity } from "./customer.entity.ts";
export { CustomerResolver, ViewerCustomerResolver } from "./customer.resolver.ts";
export { type CustomerDependencies, CustomerService } from "./customer.service.ts";
export { CustomerType, mapCustomer } from "./customer.types.ts";
export type { CustomerInput } from "./customer-fields.ts";
export type { CustomerRecord } from "./customer-list.read-model.ts";
export { MemberEntity, type MemberRole } from "./member.entity.ts";
export { MemberResolver, ViewerRoleResolver } from "./member.resolver.ts";
export { type MemberRecord, MemberService } from "./member.service.ts";
export {
  lockUsage,
  rebuildTimeoutSql,
  sharedUsageLock,
  type UsageLock,
  usageLockSql,
  usageLockStripe,
} from "./usage-lock.ts";
