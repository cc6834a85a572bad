import type { Container } from "../container.ts";
import { ensurePerson } from "../platform/auth/index.ts";

/** Makes the first person of the staff from the settings, so that a new installation can be entered; once. */
export async function makeFirstStaff(container: Container): Promise<void> {
  const { firstStaff } = container.config;
  if (firstStaff === null) return;
  const [anyone] = await container.database.query(`SELECT FROM auth_admin."user" LIMIT 1`);
  if (anyone !== undefined) return;
  await ensurePerson(container.signIn.admin, { ...firstStaff, name: "Staff" });
  container.logger.info("made the first staff sign-in");
}
