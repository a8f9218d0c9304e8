import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { encodeFrame, type Frame, FrameReader } from '../../../src/isolation/frames.ts';

const frame = fc.record({
  kind: fc.integer({ min: 0, max: 255 }),
  id: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  parts: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 3 }),
});

test('frames come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
      (sent, cuts) => {
        const bytes = Buffer.concat(sent.flatMap(({ kind, id, parts }) => encodeFrame(kind, id, parts)));
        const got: Frame[] = [];
        const reader = new FrameReader((one) => got.push(one));
        for (let at = 0; at < bytes.length; ) {
          const length = cuts.next().value as number;
          reader.push(bytes.subarray(at, at + length));
          at += length;
        }
        expect(got.map(({ kind, id, payload }) => ({ kind, id, payload: [...payload] }))).toEqual(
          sent.map(({ kind, id, parts }) => ({ kind, id, payload: parts.flatMap((part) => [...part]) })),
        );
      },
    ),
  );
});

test('a large payload is not joined with its header', () => {
  const payload = new Uint8Array(100_000).fill(7);
  const pieces = encodeFrame(2, 9, [payload]);
  expect(pieces[1]).toBe(payload);
  const got: Frame[] = [];
  const reader = new FrameReader((one) => got.push(one));
  for (const piece of pieces) reader.push(piece);
  expect(got.map(({ kind, id }) => ({ kind, id }))).toEqual([{ kind: 2, id: 9 }]);
  expect(Buffer.from(got[0]!.payload).equals(Buffer.from(payload))).toBe(true);
});

test('the bytes of a frame stay what they are when the buffer that held them is used again', () => {
  const got: Frame[] = [];
  const reader = new FrameReader((one) => got.push(one));
  const bytes = encodeFrame(1, 1, [new Uint8Array([1, 2, 3])])[0]!;
  reader.push(bytes);
  bytes.fill(0);
  expect([...got[0]!.payload]).toEqual([1, 2, 3]);
});

test('a frame longer than any that is sent is refused before memory is taken for it', () => {
  const reader = new FrameReader(() => undefined);
  const header = new Uint8Array(9).fill(255);
  expect(() => reader.push(header)).toThrow('a frame that is too long');
});
