import { env } from "node:process"; // fault

export const port = process.env["PORT"]; // fault
export const home = process["env"]; // fault
export const path = env["PATH"];
