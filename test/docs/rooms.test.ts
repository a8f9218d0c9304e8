import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dir, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test('ARCHITECTURE has each room of src once', () => {
  const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const listed = [...read('ARCHITECTURE.md').matchAll(/^\| `(\w+)\/` \|/gm)].map(([, room]) => room!);
  expect(listed.toSorted()).toEqual(rooms.toSorted());
});

/** Lines of a document that a reader sees: those of tables and code left out, which may repeat. */
function sentences(path: string): string[] {
  const text = read(path)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/^\|.*$/gm, '');
  return text.split('\n').filter((line) => line.trim().length > 30);
}

test.each(['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'deploy/DEPLOY.md'])(
  '%s says nothing twice, has nothing of a merge, and a heading stands apart',
  (path) => {
    const lines = sentences(path);
    expect(lines.filter((line, i) => lines.indexOf(line) !== i)).toEqual([]);
    const text = read(path).replace(/^```[\s\S]*?^```$/gm, '');
    expect(text).not.toMatch(/^(?:<{7}|={7}|>{7})(?: |$)/m);
    expect([...text.matchAll(/[^\n]\n(#{1,4} .*)/g)].map(([, heading]) => heading)).toEqual([]);
    expect(read(path).match(/^(?:<{7}|={7}|>{7}).*$/gm), 'what a merge left').toBeNull();
  },
);

test('ARCHITECTURE explains each word once', () => {
  const table = read('ARCHITECTURE.md').split('\n## Words\n')[1]!.split('\n## ')[0]!;
  const words = [...table.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, word]) => word);
  expect(words.length).toBeGreaterThan(40);
  expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
});
