import { describe, expect, it } from "vitest";
import { Together } from "./together.ts";

describe("asking together", () => {
  it("shares what is asked in one turn, and what is asked while a statement is under way shares the next", async () => {
    const groups: number[][] = [];
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const doubled = new Together<number, number>(
      async (items) => {
        groups.push([...items]);
        if (groups.length === 1) await gate;
        return items.map((item) => item * 2);
      },
      { max: 3 },
    );
    const first = [doubled.ask(1), doubled.ask(2)];
    await new Promise((resolve) => setImmediate(resolve));
    const later = [3, 4, 5, 6].map((item) => doubled.ask(item));
    finish();
    expect(await Promise.all([...first, ...later])).toEqual([2, 4, 6, 8, 10, 12]);
    expect(groups).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it("fails everybody who shared, and nobody after", async () => {
    let calls = 0;
    const failing = new Together<number, number>(
      async (items) => {
        calls += 1;
        if (calls === 1) throw new Error("cut");
        return items;
      },
      { max: 10 },
    );
    const both = await Promise.allSettled([failing.ask(1), failing.ask(2)]);
    expect(both.map((one) => one.status)).toEqual(["rejected", "rejected"]);
    expect(await failing.ask(3)).toBe(3);
  });
});
