import { FetchingJSONSchemaStore, InputData, JSONSchemaInput, quicktype } from 'quicktype-core';
import type { Document } from '../../src/http/docs/openapi.ts';

const LITERAL = {
  inferBooleanStrings: false,
  inferDateTimes: false,
  inferEnums: false,
  inferIntegerStrings: false,
  inferMaps: false,
  inferUuids: false,
  combineClasses: false,
};

/** A Python module with one class a schema of the document, which reads and checks JSON (`from_dict`) and writes it (`to_dict`). */
export async function pythonModule({ components }: Document): Promise<string> {
  const schemas = Object.fromEntries(
    Object.entries(components.schemas).map(([title, schema]) => [title, { ...schema, title }]),
  );
  const properties = Object.fromEntries(
    Object.keys(schemas).map((name) => [name, { $ref: `#/components/schemas/${name}` }]),
  );
  const schema = JSON.stringify({ type: 'object', properties, components: { schemas } });
  const input = new JSONSchemaInput(new FetchingJSONSchemaStore());
  await input.addSource({ name: 'Api', schema });
  const inputData = new InputData();
  inputData.addInput(input);
  const rendererOptions = { 'python-version': '3.7' } as const;
  const { lines } = await quicktype({ inputData, lang: 'python', rendererOptions, ...LITERAL });
  return `${lines.join('\n')}\n`;
}
