import type { CreditGrantRecord, LineRecord } from "../core/records.ts";
import type { EpochMs } from "../core/time.ts";
import type { World } from "../core/world.ts";
import { byPrecedence, covers, isUsable, moveCredit } from "./credit-ledger.ts";

/** What credits take off a line, in minor units. */
export function creditOf(line: LineRecord): number {
  return (line.wire.pretax_credit_amounts ?? []).reduce((sum, credit) => sum + credit.amount, 0);
}

/** Pays metered lines of an invoice that is being finalized from the customer's grants, as far as they go. */
export function applyCredits(world: World, invoice: string, at: EpochMs): void {
  const row = world.state.invoices.get(invoice);
  if (!row) return;
  const grants = world.state.creditGrants
    .by("customer", row.customer)
    .filter((grant) => grant.wire.amount.monetary?.currency === row.wire.currency)
    .sort(byPrecedence);
  for (const grant of grants) {
    for (const line of world.state.lines.by("invoice", invoice)) payFrom(world, grant.id, line, at);
  }
  const credits = world.state.lines.by("invoice", invoice).flatMap((line) => line.wire.pretax_credit_amounts ?? []);
  const current = world.state.invoices.get(invoice) ?? row;
  world.state.invoices.patch(invoice, { wire: { ...current.wire, total_pretax_credit_amounts: credits } });
}

function payFrom(world: World, id: string, line: LineRecord, at: EpochMs): void {
  const grant = world.state.creditGrants.get(id);
  // Only lines of a price with a meter are paid by credits; legacy usage records are not.
  const price = line.usage === null ? undefined : world.state.prices.get(line.usage.price);
  if (!grant || !price?.wire.recurring?.meter || !isUsable(grant, at) || !covers(grant, price.id)) return;
  const amount = Math.min(grant.leftMinor, line.wire.amount - creditOf(line));
  if (amount <= 0) return;
  const movement = { type: "credits_applied", invoice: line.invoice, line: line.id } as const;
  const entry = moveCredit(world, grant, movement, { amountMinor: amount, at });
  const credit = { amount, credit_balance_transaction: entry.id, type: "credit_balance_transaction" as const };
  const credits = [...(line.wire.pretax_credit_amounts ?? []), credit];
  world.state.lines.patch(line.id, { wire: { ...line.wire, pretax_credit_amounts: credits } });
}

/** A voided invoice gives its credits back; a credit note does not. */
export function giveCreditsBack(world: World, invoice: string, at: EpochMs): void {
  for (const { grant: id, wire } of world.state.creditTransactions.by("invoice", invoice)) {
    const grant: CreditGrantRecord | undefined = world.state.creditGrants.get(id);
    const applied = wire.debit?.credits_applied;
    if (!grant || !applied) continue;
    const movement = {
      type: "credits_application_invoice_voided",
      invoice,
      line: applied.invoice_line_item,
    } as const;
    moveCredit(world, grant, movement, { amountMinor: wire.debit?.amount.monetary?.value ?? 0, at });
  }
}
