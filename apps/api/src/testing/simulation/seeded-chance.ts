import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { Dice } from "./dice.ts";
import { ProcessScope } from "./process-scope.ts";

/**
 * Has chance inside a process of the simulation come from its dice, so that a seed is the same run each time: the spread of
 * retries, and new ids, whose order decides who comes first. Answers the way back.
 */
export function openChanceGate(): () => void {
  const { random } = Math;
  const { randomUUID } = crypto;
  Math.random = () => ProcessScope.current()?.dice.roll() ?? random();
  crypto.randomUUID = (options) => {
    const scope = ProcessScope.current();
    return scope === undefined ? randomUUID(options) : uuidOf(scope.dice);
  };
  // Named imports of built-in modules are copies that this brings up to date.
  syncBuiltinESMExports();
  return () => {
    Math.random = random;
    crypto.randomUUID = randomUUID;
    syncBuiltinESMExports();
  };
}

/** A UUID of version 4. */
function uuidOf(dice: Dice): ReturnType<typeof crypto.randomUUID> {
  const bytes = Array.from({ length: 16 }, () => dice.between(0, 255));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const [, a, b, c, d, e] = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(hex) ?? [];
  return `${a}-${b}-${c}-${d}-${e}` as ReturnType<typeof crypto.randomUUID>;
}
