/**
 * The words of an error that ended a worker. Bun 1.4.5 puts lines of the program before them (those of the compiled program are of any
 * length) and properties of the error and the stack after them.
 */
export function workerFault(message: string): string {
  const lines = message.split('\n');
  const first = lines.findIndex((line) => line.startsWith('error: '));
  if (first < 0) return message;
  const rest = lines.slice(first);
  const end = rest.findIndex((line) => line.trim() === '' || /^\s+at |^ \w+: /.test(line));
  return rest
    .slice(0, end < 0 ? rest.length : end)
    .join('\n')
    .slice('error: '.length);
}
