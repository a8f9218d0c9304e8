import { describe, expect, test } from 'bun:test';
import { join, normalize } from 'node:path';

/** Source files by their path under `src/`. */
type Tree = ReadonlyMap<string, string>;

const FLOOR = ['base', 'domain', 'telemetry'];
const SETTINGS = ['config.ts', 'settings.ts'];
/** What the composition may put together: everything but the command line. */
const PARTS = [
  ...FLOOR,
  ...SETTINGS,
  'ai',
  'cluster',
  'drivers',
  'engine',
  'host',
  'http',
  'isolation',
  'jobs',
  'lake',
  'outbound',
  'pivot',
  'render',
  'services',
  'sql',
  'store',
  'workers',
];

/** A room (folder, or file at the top) and what it may import beside itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  domain: ['base'],
  telemetry: ['base'],
  sql: ['base', 'domain'],
  pivot: ['base', 'domain'],
  drivers: FLOOR,
  lake: [...FLOOR, 'drivers'],
  store: [...FLOOR, 'drivers'],
  outbound: FLOOR,
  render: [...FLOOR, 'pivot'],
  ai: [...FLOOR, 'outbound'],
  workers: [...FLOOR, 'drivers', 'lake', 'pivot', 'sql', 'render'],
  engine: [...FLOOR, 'sql', 'drivers', 'lake', 'pivot', 'workers', 'render'],
  services: [...FLOOR, ...SETTINGS, 'store', 'engine', 'lake', 'ai', 'outbound', 'render'],
  jobs: [...FLOOR, 'store', 'services', 'outbound'],
  host: ['base'],
  isolation: [...FLOOR, 'host', 'workers'],
  cluster: [...FLOOR, ...SETTINGS, 'host'],
  http: [...FLOOR, ...SETTINGS, 'services', 'host'],
  'settings.ts': [],
  'config.ts': ['base', 'settings.ts'],
  compose: PARTS,
  'service.ts': [...PARTS, 'compose'],
  cli: [
    ...FLOOR,
    ...SETTINGS,
    'cluster',
    'compose',
    'drivers',
    'engine',
    'host',
    'http',
    'lake',
    'service.ts',
    'services',
    'store',
    'workers',
  ],
  'main.ts': [...FLOOR, ...SETTINGS, 'cli', 'isolation', 'service.ts'],
};

/** Only these read the environment or write to the terminal. */
const EDGE = ['main.ts', 'cli'];
const MAX_LINES = 400;
const TABLES = new Set(['settings.ts']);
const FILE_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:worker|d))?\.ts$/;
const FOLDER_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const EMPTY_NAMES = /^(?:utils?|helpers?|common|misc)(?:\.ts)?$/;
const GLOBALS = /\b(?:process\.env|Bun\.env|import\.meta\.env|console\.)/;

const roomOf = (path: string) => path.split('/')[0]!;
const withoutComments = (source: string) =>
  source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

/** What a file imports of ours; type imports count. */
function importsOf(path: string, source: string): string[] {
  const found = withoutComments(source).matchAll(
    /(?:\bfrom\s*|\bimport\s*|\bimport\(\s*)(['"])(\.{1,2}\/[^'"]+)\1/g,
  );
  return [...found].map(([, , specifier]) => normalize(join(path, '..', specifier!)));
}

function wrongEdges(tree: Tree): string[] {
  const faults: string[] = [];
  for (const [path, source] of tree) {
    const room = roomOf(path);
    const allowed = MAY_IMPORT[room];
    if (!allowed) faults.push(`${path}: the room ${room} is not in the plan`);
    for (const target of importsOf(path, source)) {
      const other = roomOf(target);
      if (other === '..' && target === '../package.json' && EDGE.includes(room)) continue;
      if (other !== room && !allowed?.includes(other)) faults.push(`${path} imports ${target}`);
    }
  }
  return faults;
}

function circles(tree: Tree): string[] {
  const faults: string[] = [];
  const finished = new Set<string>();
  const visit = (path: string, way: string[]) => {
    if (finished.has(path)) return;
    if (way.includes(path)) {
      faults.push([...way.slice(way.indexOf(path)), path].join(' → '));
      return;
    }
    for (const target of importsOf(path, tree.get(path) ?? '')) visit(target, [...way, path]);
    finished.add(path);
  };
  for (const path of tree.keys()) visit(path, []);
  return faults;
}

function globalsPastTheEdge(tree: Tree): string[] {
  const inner = [...tree].filter(([path]) => !EDGE.includes(roomOf(path)));
  return inner.filter(([, source]) => GLOBALS.test(withoutComments(source))).map(([path]) => path);
}

function longFiles(tree: Tree): string[] {
  const counted = [...tree].filter(([path]) => !TABLES.has(path));
  return counted.filter(([, source]) => source.split('\n').length - 1 > MAX_LINES).map(([path]) => path);
}

function wrongNames(tree: Tree): string[] {
  return [...tree.keys()].filter((path) => {
    const folders = path.split('/');
    const file = folders.pop()!;
    const named = FILE_NAME.test(file) && folders.every((folder) => FOLDER_NAME.test(folder));
    return !named || [...folders, file].some((name) => EMPTY_NAMES.test(name));
  });
}

const RULES = { wrongEdges, circles, globalsPastTheEdge, longFiles, wrongNames };

async function readTree(folder: string): Promise<Tree> {
  const tree = new Map<string, string>();
  for await (const path of new Bun.Glob('**/*.ts').scan(folder))
    tree.set(path, await Bun.file(join(folder, path)).text());
  return tree;
}

describe('the architecture is still true', async () => {
  const tree = await readTree(join(import.meta.dir, '../src'));

  test('the sources are found', () => {
    expect(tree.has('base/errors.ts')).toBe(true);
    expect(tree.size).toBeGreaterThan(30);
  });

  test.each(Object.entries(RULES))('%s: none', (_, rule) => {
    expect(rule(tree)).toEqual([]);
  });
});

describe('each rule sees its violation', () => {
  const CLEAN: [string, string][] = [
    ['base/clock.ts', 'export const now = 1;'],
    ['services/query.ts', "import { now } from '../base/clock.ts';\nimport x from 'npm-package';"],
    [
      'http/app.ts',
      "import { a } from '../services/query.ts';\n// console.log and process.env are words here",
    ],
    ['main.ts', 'console.log(process.env.PORT);'],
  ];
  const PLANTED: [rule: keyof typeof RULES, path: string, source: string, fault: string][] = [
    ['wrongEdges', 'http/x.ts', "import { e } from '../engine/run.ts';", 'http/x.ts imports engine/run.ts'],
    ['wrongEdges', 'base/x.ts', "import type { C } from '../config.ts';", 'base/x.ts imports config.ts'],
    [
      'wrongEdges',
      'store/x.ts',
      "export { a } from '../services/query.ts';",
      'store/x.ts imports services/query.ts',
    ],
    [
      'wrongEdges',
      'engine/x.ts',
      "const a = await import('../http/app.ts');",
      'engine/x.ts imports http/app.ts',
    ],
    ['wrongEdges', 'sql/x.ts', "import '../drivers/registry.ts';", 'sql/x.ts imports drivers/registry.ts'],
    ['wrongEdges', 'attic/x.ts', '', 'attic/x.ts: the room attic is not in the plan'],
    ['circles', 'base/clock.ts', "import type { A } from './clock.ts';", 'base/clock.ts → base/clock.ts'],
    [
      'circles',
      'base/clock.ts',
      "import type { A } from '../services/query.ts';",
      'base/clock.ts → services/query.ts → base/clock.ts',
    ],
    ['globalsPastTheEdge', 'store/x.ts', 'const home = process.env.HOME;', 'store/x.ts'],
    ['globalsPastTheEdge', 'http/x.ts', 'console.warn(1);', 'http/x.ts'],
    ['globalsPastTheEdge', 'lake/x.ts', 'Bun.env.X;', 'lake/x.ts'],
    ['longFiles', 'lake/x.ts', '\n'.repeat(MAX_LINES + 1), 'lake/x.ts'],
    ['wrongNames', 'lake/publishNow.ts', '', 'lake/publishNow.ts'],
    ['wrongNames', 'lake/utils.ts', '', 'lake/utils.ts'],
    ['wrongNames', 'helpers/lake.ts', '', 'helpers/lake.ts'],
  ];

  test.each(Object.entries(RULES))('%s: none in a clean tree', (_, rule) => {
    expect(rule(new Map(CLEAN))).toEqual([]);
  });

  test.each(PLANTED)('%s: %s with %p', (rule, path, source, fault) => {
    expect(RULES[rule](new Map([...CLEAN, [path, source]]))).toEqual([fault]);
  });
});
