export const share = decimal("0.5");
export const count = BigInt("7");
export const most = Math.max(1, 2);
export const tiers = 3;
