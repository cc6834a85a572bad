/** Says why nothing can be changed here, in place of the form that an owner sees. */
export function OwnersOnly({ what }: { what: string }) {
  return <p className="ml-page-note">Only an owner may change {what}; you may look at all of it.</p>;
}
