export function allowed(text: string, unitPrice: Decimal, pageSize: string): unknown[] {
  return [unitPrice.times("1.5"), BigInt(text), Number(pageSize), Math.ceil(text.length / 2), decimal(text)];
}
export const jitter = 0.5;
export const retries = { backoffFactor: 1.5 };
