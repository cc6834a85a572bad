import { createContext, useContext, useSyncExternalStore } from "react";
import { type LiveState, LiveStateStore } from "./live-state.ts";

const LiveContext = createContext<LiveStateStore>(new LiveStateStore());

/** Given by the app's root. Without it nothing is live, and pages ask again by themselves. */
export const LiveProvider = LiveContext.Provider;

/** Whether figures arrive by themselves right now. */
export function useLiveState(): LiveState {
  const store = useContext(LiveContext);
  return useSyncExternalStore(store.subscribe, store.get);
}
