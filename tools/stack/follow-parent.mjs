// Loaded before the API's own code: when whoever started it is killed, it stops as if asked to.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
// The channel alone must not keep it running.
process.channel?.unref();
