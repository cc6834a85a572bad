export * from "./alert.ts";
export * from "./alert-rule.ts";
export * from "./alert-rule-input.ts";
export * from "./alert-words.ts";
export * from "./derived-rules.ts";
export * from "./rule-words.ts";
