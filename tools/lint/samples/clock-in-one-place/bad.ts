export const atMs = Date.now(); // fault
export const at = new Date(); // fault
export const text = Date(); // fault
export const today = Temporal.Now.instant(); // fault
