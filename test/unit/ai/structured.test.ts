import { expect, test } from 'bun:test';
import Type from 'typebox';
import type { AiMessage } from '../../../src/ai/provider.ts';
import { askStructured } from '../../../src/ai/structured.ts';
import { AppError } from '../../../src/base/errors.ts';

const schema = Type.Object({ n: Type.Integer() }, { additionalProperties: false });
const output = { name: 'answer', schema };

/** A model that says these texts, one after another, and what it was told each time. */
function scripted(...texts: string[]) {
  const told: (readonly AiMessage[])[] = [];
  const call = async ({ messages }: { messages: readonly AiMessage[] }) => {
    told.push([...messages]);
    const text = texts[told.length - 1]!;
    return {
      text,
      calls: [],
      usage: { inputTokens: 1, outputTokens: 1 },
      finish: text.endsWith('…') ? 'length' : 'stop',
    } as const;
  };
  return { told, call };
}

const ask = (
  call: ReturnType<typeof scripted>['call'],
  check?: (value: { n: number }) => { pointer: string; message: string }[],
) =>
  askStructured<{ n: number }>({
    call,
    output,
    messages: [{ role: 'user', text: 'how many?' }],
    maxRepairs: 2,
    ...(check ? { check } : {}),
  });

test.each([
  '{"n":7}',
  ' {"n": 7}\n',
  '```json\n{"n":7}\n```',
  '```\n{"n":7}\n```',
  'Here it is: {"n":7} — done',
])('%p is taken', async (text) => {
  expect(await ask(scripted(text).call)).toEqual({ value: { n: 7 }, repairs: 0 });
});

test('what is wrong goes back, and the next answer counts', async () => {
  const { call, told } = scripted('{"n":"seven","x":1}', '{"n":7}');
  expect(await ask(call)).toEqual({ value: { n: 7 }, repairs: 1 });
  const [, , repair] = told[1]!;
  expect(told[1]!.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  expect(repair!.text).toContain('/n');
  expect(repair!.text).toContain('/x: is not a known field');
});

test('a value that the schema takes may still be refused', async () => {
  const { call, told } = scripted('{"n":8}', '{"n":7}');
  const check = ({ n }: { n: number }) => (n === 8 ? [{ pointer: '/n', message: 'is too much' }] : []);
  expect(await ask(call, check)).toEqual({ value: { n: 7 }, repairs: 1 });
  expect(told[1]!.at(-1)!.text).toContain('/n: is too much');
});

test('a cut answer is told to be briefer', async () => {
  const { call, told } = scripted('{"n":…', '{"n":7}');
  await ask(call);
  expect(told[1]!.at(-1)!.text).toContain('more briefly');
});

test('after two repairs it is given up, with what was wrong', async () => {
  const { call, told } = scripted('no', 'no', '{"m":1}');
  const error = await ask(call).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'ai.badOutput', params: { repairs: 2 } });
  expect(told).toHaveLength(3);
  expect(JSON.stringify((error as AppError).params)).toContain('/m');
});
