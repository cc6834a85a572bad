/** Why an import could not run to its end; `code` is for programs, the message says what to do. Ends the program with 2. */
export class ImportStopped extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ImportStopped";
    this.code = code;
  }
}
