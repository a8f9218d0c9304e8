import { XzReadableStream } from 'xz-decompress';
import { AppError } from '../../base/errors.ts';
import { Damaged } from './damaged.ts';

const [MEMORY_LIMIT, OPTIONS] = [4, 6];

function asWeb(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

/** xz-decompress 0.2.3 tells what failed by a number in its message: the codes of XZ Embedded. */
function failure(error: unknown): unknown {
  const code = Number(/error code (\d+)/.exec(String(error))?.[1]);
  if (code === MEMORY_LIMIT || code === OPTIONS)
    return new AppError(
      'dataset.badFile',
      code === OPTIONS
        ? 'The xz file uses a check sum or filter that is not read; compress it with xz --check=crc64'
        : 'The xz file needs too much memory to be read; compress it with xz -9 or less',
      { pointer: '/file', cause: error },
    );
  return Number.isNaN(code) ? error : new Damaged('The xz data are damaged', { cause: error });
}

/** What xz data hold; several streams one after another are one. Throws Damaged, or `dataset.badFile` for kinds that are not read. */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of new XzReadableStream(asWeb(source))) if (chunk.length > 0) yield chunk;
  } catch (error) {
    throw failure(error);
  }
}
