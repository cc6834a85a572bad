import { describe, expect, it, vi } from "vitest";
import { GroupCommit, GroupCommitFullError } from "./group-commit.ts";

const options = { maxInFlight: 2, minItemsToOverlap: 1, maxItemsPerCommit: 4, maxWaiting: 6 };

/** A commit that the test finishes by hand. */
function heldCommits() {
  const commits: { items: readonly number[]; finish: (error?: Error) => void }[] = [];
  const commit = (items: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      commits.push({ items, finish: (error) => (error ? reject(error) : resolve(items.map((item) => item * 10))) });
    });
  return { commits, commit };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("group commit", () => {
  it("answers each submission with its own outcomes, in order", async () => {
    const group = new GroupCommit<number, number>(
      async (items) => items.map((item) => item * 10),
      () => true,
      options,
    );
    expect(await Promise.all([group.submit([1, 2]), group.submit([3]), group.submit([4, 5])])).toEqual([
      [10, 20],
      [30],
      [40, 50],
    ]);
  });

  it("what arrives while two commits are under way shares the next one", async () => {
    const { commits, commit } = heldCommits();
    const group = new GroupCommit(commit, () => true, options);
    const first = group.submit([1]);
    await nextTurn();
    const second = group.submit([2]);
    await nextTurn();
    const late = [group.submit([3]), group.submit([4]), group.submit([5])];
    await nextTurn();
    expect(commits.map((held) => held.items)).toEqual([[1], [2]]);
    commits[0]?.finish();
    await first;
    await vi.waitFor(() => expect(commits).toHaveLength(3));
    expect(commits[2]?.items).toEqual([3, 4, 5]);
    commits[1]?.finish();
    commits[2]?.finish();
    await Promise.all([second, ...late]);
  });

  it("too few items to be worth a second commit wait for the one under way", async () => {
    const { commits, commit } = heldCommits();
    const group = new GroupCommit(commit, () => true, { ...options, minItemsToOverlap: 3 });
    const first = group.submit([1]);
    await nextTurn();
    const few = [group.submit([2]), group.submit([3])];
    await nextTurn();
    expect(commits).toHaveLength(1);
    const enough = group.submit([4]);
    await vi.waitFor(() => expect(commits.map((held) => held.items)).toEqual([[1], [2, 3, 4]]));
    for (const held of commits) held.finish();
    await Promise.all([first, ...few, enough]);
  });

  it("a group never holds more items than its maximum", async () => {
    const { commits, commit } = heldCommits();
    const group = new GroupCommit(commit, () => true, options);
    const all = [group.submit([1, 2, 3]), group.submit([4, 5])];
    await nextTurn();
    expect(commits.map((held) => held.items)).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    for (const held of commits) held.finish();
    await Promise.all(all);
  });

  it("refuses at once when too many items wait", async () => {
    const { commits, commit } = heldCommits();
    const group = new GroupCommit(commit, () => true, { ...options, maxInFlight: 1 });
    const running = group.submit([0]);
    await nextTurn();
    const waiting = group.submit([1, 2, 3, 4, 5, 6]);
    await expect(group.submit([7])).rejects.toBeInstanceOf(GroupCommitFullError);
    commits[0]?.finish();
    await running;
    await vi.waitFor(() => expect(commits).toHaveLength(2));
    commits[1]?.finish();
    expect(await waiting).toHaveLength(6);
  });

  it("one submission that cannot be committed fails alone", async () => {
    const commit = async (items: readonly number[]) => {
      if (items.includes(13)) throw new Error("unlucky");
      return items.map((item) => item * 10);
    };
    const group = new GroupCommit(commit, () => true, options);
    const settled = await Promise.allSettled([
      group.submit([1]),
      group.submit([13]),
      group.submit([2]),
      group.submit([3]),
    ]);
    expect(settled.map((one) => one.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  });

  it("an error that may not be isolated fails the group without another attempt", async () => {
    let attempts = 0;
    const commit = async () => {
      attempts += 1;
      throw new Error("connection lost");
    };
    const group = new GroupCommit<number, number>(commit, () => false, options);
    await Promise.allSettled([group.submit([1]), group.submit([2])]);
    expect(attempts).toBe(1);
  });
});
