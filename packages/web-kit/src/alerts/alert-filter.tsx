import { NativeSelect } from "@mantine/core";
import { useSearchParams } from "react-router";
import type { AlertKind } from "../gql/graphql.ts";
import { KIND_NAMES } from "./alert-words.ts";

/** The kind that the address asks for; null for all. */
export function alertKindOf(params: URLSearchParams): AlertKind | null {
  const kind = params.get("kind");
  return kind !== null && Object.hasOwn(KIND_NAMES, kind) ? (kind as AlertKind) : null;
}

/** Narrows the history to a kind, kept in the address. */
export function AlertFilter() {
  const [params, setParams] = useSearchParams();
  return (
    <NativeSelect
      aria-label="Kind of alert"
      value={alertKindOf(params) ?? ""}
      onChange={(event) => {
        const kind = event.currentTarget.value;
        setParams(kind === "" ? {} : { kind }, { replace: true });
      }}
      data={[
        { value: "", label: "All kinds" },
        ...Object.entries(KIND_NAMES).map(([value, label]) => ({ value, label })),
      ]}
    />
  );
}
