/** The JSON Schema of experiment files. */

/** As text; loads the schema, which takes longer than a small run, only now. */
export async function experimentSchemaText(): Promise<string> {
  const { experimentJsonSchema } = await import("../experiment-schema.ts");
  return `${JSON.stringify(experimentJsonSchema(), undefined, 2)}\n`;
}
