import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type Problem, problemOf } from "@meterline/web-kit";
import { type FormEvent, useEffect, useRef } from "react";
import type { MemberRole } from "../../gql/graphql.ts";
import { ROLES } from "./role-words.ts";

/** What the form asks for. */
export type NewMember = { readonly name: string; readonly email: string; readonly role: MemberRole };

/** The longest name and e-mail address that the API takes, in characters. */
const MAX_NAME = 200;
const MAX_EMAIL = 254;

/**
 * Asks who the member is. A refusal stands at the field it names, which takes the focus; any other stands above the
 * button. `focused` puts the focus on the first field when the form appears. `onEdit` is told of a change after a
 * refusal, which is then about something else.
 */
export function MemberForm(props: {
  error: unknown;
  loading: boolean;
  focused: boolean;
  onSubmit: (member: NewMember) => Promise<void>;
  onEdit: () => void;
}) {
  const { error, loading, focused, onSubmit, onEdit } = props;
  const formRef = useRef<HTMLFormElement>(null);
  const sendingRef = useRef(false);
  const problem = error === undefined ? null : problemOf(error);
  const field = problem === null ? null : formField(problem);
  const messageAt = (name: keyof NewMember) => (field === name ? problem?.message : undefined);
  useEffect(() => {
    if (field !== null) formRef.current?.querySelector<HTMLElement>(`[name="${field}"]`)?.focus();
  }, [field, error]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // A second click may come before the button is drawn as disabled, and its answer would hide the password.
    if (sendingRef.current) return;
    sendingRef.current = true;
    const form = new FormData(event.currentTarget);
    await onSubmit({
      name: String(form.get("name")).trim(),
      email: String(form.get("email")).trim(),
      role: form.get("role") as MemberRole,
    });
    sendingRef.current = false;
  };
  return (
    <section className="ml-panel" aria-labelledby="add-member-title">
      <div className="ml-panel-head">
        <h2 id="add-member-title" className="ml-panel-title">
          New member
        </h2>
      </div>
      <form ref={formRef} className="ad-form" onSubmit={submit} onChange={problem === null ? undefined : onEdit}>
        <TextInput
          name="name"
          label="Name"
          required
          withAsterisk={false}
          maxLength={MAX_NAME}
          autoComplete="off"
          autoFocus={focused}
          error={messageAt("name")}
        />
        <TextInput
          name="email"
          type="email"
          label="E-mail"
          description="What they sign in with"
          required
          withAsterisk={false}
          maxLength={MAX_EMAIL}
          autoComplete="off"
          error={messageAt("email")}
        />
        <NativeSelect name="role" label="Role" data={[...ROLES]} error={messageAt("role")} />
        {problem === null || field !== null ? null : <div role="alert">{problem.message}</div>}
        <div>
          <Button type="submit" loading={loading}>
            Add member
          </Button>
        </div>
      </form>
    </section>
  );
}

/** The field of this form that a refusal is about. The API calls the person behind an e-mail address `userId`. */
function formField({ field }: Problem): keyof NewMember | null {
  if (field === "userId") return "email";
  return field === "name" || field === "email" || field === "role" ? field : null;
}
