export function listen(config: { port: number }): string {
  return `${process.version} on ${config.port}`;
}
