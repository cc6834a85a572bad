export const share = 0.5; // fault
export const count = Number("7"); // fault
export const whole = Math.floor(7 / 2); // fault
export const negated = +"7"; // fault
