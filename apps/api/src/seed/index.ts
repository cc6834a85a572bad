export { makeFirstStaff } from "./first-staff.ts";
export { seedDemo } from "./seed-demo.ts";
