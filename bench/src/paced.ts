import { Agent, request } from "node:http";
import type { Stack } from "./stack.ts";

/** How paced calls are made. `body` is the number-th request's. */
export type PacedOptions = {
  callsPerSecond: number;
  seconds: number;
  body: (number: number) => string;
};

const tickMs = 1;
const maxSockets = 64;

/**
 * Sends calls at even distances, whatever the answers take, and answers how long each took in milliseconds, shortest
 * first. A call's time begins when it was due, so that one that had to wait for its turn is not flattered.
 */
export async function paced(stack: Stack, { callsPerSecond, seconds, body }: PacedOptions): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets });
  const total = callsPerSecond * seconds;
  const startedAt = performance.now();
  const dueAt = (number: number) => startedAt + (number / callsPerSecond) * 1_000;
  const taken: Promise<number>[] = [];
  while (taken.length < total) {
    while (taken.length < total && dueAt(taken.length) <= performance.now()) {
      const due = dueAt(taken.length);
      taken.push(answered(stack, agent, body(taken.length)).then((at) => at - due));
    }
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  const times = await Promise.all(taken);
  agent.destroy();
  return times.sort((left, right) => left - right);
}

/** Answers when the last byte of a faultless answer was there. */
function answered(stack: Stack, agent: Agent, body: string): Promise<number> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${stack.apiKey}` };
  return new Promise((resolve, reject) => {
    const call = request(stack.url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString()));
      response.on("end", () => {
        if (response.statusCode === 200 && !text.includes('"errors"')) resolve(performance.now());
        else reject(new Error(`a call failed: ${text}`));
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}
