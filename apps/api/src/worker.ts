// The worker alone: what main.ts starts with RUN_API=false.
process.env["RUN_API"] = "false";
await import("./main.ts");
