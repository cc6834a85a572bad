export function faults(line: { unitPrice: string; quantity: string }, amountMinor: bigint, rows: Decimal[]): unknown[] {
  return [
    Number(line.unitPrice), // fault
    parseFloat(line.quantity), // fault
    Number.parseFloat(line.quantity.trim()), // fault
    Number.parseInt(`${amountMinor}`, 10), // fault
    +line.quantity, // fault
    Math.round(Number(amountMinor)), // fault fault
    totalQuantity(rows).toNumber(), // fault
    line.quantity * 1.5, // fault
  ];
}
export const taxedPrice = 1.19; // fault
export const plan = { baseAmount: 9.99 }; // fault
