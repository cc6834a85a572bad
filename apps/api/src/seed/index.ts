export { makeFirstStaff } from "./first-staff.ts";
export { seedDemo } from "./seed-demo.ts";
export { startDemoTraffic } from "./demo-traffic.ts";
