import { existsSync, readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";

const SPEC = new URL("../../../../../shared/stripe/openapi.json", import.meta.url);

/** Whether the description of Stripe's API lies beside the repository. */
export const hasOpenApi = existsSync(SPEC);

type Json = { [key: string]: unknown };
type Content = { content?: Record<string, { schema: unknown }> };
type Operation = { requestBody?: Content; responses: { 200: Content } };

/** Checks requests and replies of the sandbox against Stripe's description. */
export class OpenApi {
  private readonly paths: Record<string, Json>;
  private readonly ajv: Ajv;
  private readonly forms: Ajv;
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor() {
    const spec = JSON.parse(readFileSync(SPEC, "utf8")) as { paths: Record<string, Json>; components: unknown };
    this.paths = spec.paths;
    const options = {
      strict: false,
      allErrors: true,
      validateFormats: false,
      logger: false,
      inlineRefs: false,
    } as const;
    const components = { $id: "spec", components: nullableAsUnion(spec.components) } as Json;
    this.ajv = new Ajv(options).addSchema(components);
    this.forms = new Ajv({ ...options, coerceTypes: true }).addSchema(components);
  }

  /** What is wrong with a reply, as readable lines; empty when nothing is. */
  faults(method: string, path: string, body: unknown): string[] {
    const pattern = this.patternOf(method, path);
    if (pattern === undefined) return [`${method} ${path}: not in the description`];
    const validate = this.validator(`${method} ${pattern}`, this.ajv, this.operation(pattern, method).responses[200]);
    if (validate(body)) return [];
    return (validate.errors ?? []).map((error) => `${method} ${pattern} ${error.instancePath}: ${error.message}`);
  }

  /** What is wrong with the body of a request, decoded; empty when nothing is. Forms carry numbers as text. */
  bodyFaults(method: string, path: string, body: unknown): string[] {
    const pattern = this.patternOf(method, path);
    if (pattern === undefined) return [`${method} ${path}: not in the description`];
    const validate = this.validator(
      `body of ${method} ${pattern}`,
      this.forms,
      this.operation(pattern, method).requestBody,
    );
    if (validate(structuredClone(body))) return [];
    return (validate.errors ?? []).map(
      (error) => `body of ${method} ${pattern} ${error.instancePath}: ${error.message}`,
    );
  }

  private patternOf(method: string, path: string): string | undefined {
    return Object.keys(this.paths).find((known) => matches(known, path) && this.paths[known]?.[method]);
  }

  private operation(pattern: string, method: string): Operation {
    return this.paths[pattern]?.[method] as Operation;
  }

  private validator(key: string, ajv: Ajv, holder: Content | undefined): ValidateFunction {
    const known = this.compiled.get(key);
    if (known) return known;
    const [content] = Object.values(holder?.content ?? {});
    const validate = ajv.compile(nullableAsUnion(content?.schema ?? {}, "spec") as Json);
    this.compiled.set(key, validate);
    return validate;
  }
}

function matches(pattern: string, path: string): boolean {
  const expression = pattern.replace(/\{[^}]+\}/g, "[^/]+");
  return new RegExp(`^${expression}$`).test(path) && (pattern.includes("{") ? !isAnAction(pattern, path) : true);
}

/** `/v1/invoices/create_preview` also fits `/v1/invoices/{id}`. */
function isAnAction(pattern: string, path: string): boolean {
  return pattern.endsWith("}") && /\/(create_preview|search|preview)$/.test(path);
}

/** OpenAPI 3.0 says `nullable`; JSON Schema has a union with null. References get the base that they are resolved on. */
function nullableAsUnion(value: unknown, base = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => nullableAsUnion(item, base));
  if (value === null || typeof value !== "object") return value;
  const { nullable, ...rest } = value as Json;
  const schema = Object.fromEntries(
    Object.entries(rest).map(([key, item]) => [
      key,
      key === "$ref" ? `${base}${String(item)}` : key === "enum" ? item : nullableAsUnion(item, base),
    ]),
  );
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

const SAMPLES = new URL("../../../../../shared/stripe/fixtures.json", import.meta.url);

/** Stripe's sample objects by the name of their kind, to compare fields with. */
export function readSamples(): ReadonlyMap<string, Json> {
  const { resources } = JSON.parse(readFileSync(SAMPLES, "utf8")) as { resources: Record<string, Json> };
  return new Map(Object.entries(resources));
}

/** Fields that Stripe's sample of the same object has and this one lacks, through lists and nested objects. */
export function missingFields(samples: ReadonlyMap<string, Json>, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => missingFields(samples, item));
  if (typeof value !== "object" || value === null) return [];
  const kind = String((value as Json)["object"]);
  const sample = "deleted" in value ? undefined : samples.get(kind);
  const missing = Object.keys(sample ?? {}).filter((name) => !Object.hasOwn(value, name));
  const inside = Object.values(value).flatMap((item) => missingFields(samples, item));
  return [...missing.map((name) => `${kind}.${name}`), ...inside];
}
