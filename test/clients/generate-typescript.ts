import { plugin } from 'bun';

/** Writes the types of the document at the first path to the second: `openapi-typescript`, which knows no TypeScript past 5. */
const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined)
  throw new Error('usage: generate-typescript.ts <document> <types>');

const { default: typescript } = await import('typescript5');
plugin({
  name: 'typescript-5',
  setup(build) {
    build.module('typescript', () => ({
      loader: 'object',
      exports: { ...typescript, default: typescript },
    }));
  },
});

const { astToString, default: openapiTS } = await import('openapi-typescript');
await Bun.write(to, astToString(await openapiTS(await Bun.file(from).json())));
