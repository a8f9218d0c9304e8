/** What is known of a path before its handler runs. */
export interface RouteEntry {
  /** As declared, such as `/api/datasets/:id`; the label of metrics and log. */
  pattern: string;
  methods: ReadonlySet<string>;
  /** Methods whose handler reads the body itself (`parse: 'none'`): uploads. */
  rawBody: ReadonlySet<string>;
}

export interface DeclaredRoute {
  method: string;
  path: string;
  hooks?: { parse?: unknown };
}

interface Building extends RouteEntry {
  segments: string[];
  methods: Set<string>;
  rawBody: Set<string>;
}

function readsBodyItself(route: DeclaredRoute): boolean {
  const parsers: unknown[] = [route.hooks?.parse].flat();
  return parsers.some(
    (parser) => (parser as { fn?: unknown } | undefined)?.fn === 'none' || parser === 'none',
  );
}

function collect(routes: readonly DeclaredRoute[]): Building[] {
  const byPath = new Map<string, Building>();
  for (const route of routes) {
    const pattern = route.path.replace(/(?<=.)\/$/, '');
    let entry = byPath.get(pattern);
    if (!entry) {
      entry = { pattern, methods: new Set(), rawBody: new Set(), segments: pattern.split('/') };
      byPath.set(pattern, entry);
    }
    entry.methods.add(route.method);
    if (route.method === 'GET') entry.methods.add('HEAD');
    if (readsBodyItself(route)) entry.rawBody.add(route.method);
  }
  return [...byPath.values()];
}

const isVariable = (segment: string | undefined) => segment?.startsWith(':') || segment === '*';

function fits(segments: readonly string[], path: readonly string[]): boolean {
  for (const [i, segment] of segments.entries()) {
    if (segment === '*') return path.length > i;
    const given = path[i];
    if (given === undefined) return false;
    if (segment.startsWith(':') ? given === '' : segment !== given) return false;
  }
  return segments.length === path.length;
}

/** Literal segments win over `:variables`, those over `*`, from the left. */
function bySpecificity(a: Building, b: Building): number {
  const rank = (segment: string | undefined) =>
    segment === '*' ? 2 : isVariable(segment) ? 1 : segment === undefined ? 3 : 0;
  for (let i = 0; i < Math.max(a.segments.length, b.segments.length); i++) {
    const difference = rank(a.segments[i]) - rank(b.segments[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Finds the declared route of a path; made once, from the app's routes. */
export function routeTable(
  routes: readonly DeclaredRoute[],
): (pathname: string, method?: string) => RouteEntry | undefined {
  const entries = collect(routes);
  const literal = new Map(
    entries.filter(({ segments }) => !segments.some(isVariable)).map((entry) => [entry.pattern, entry]),
  );
  const variable = entries.filter(({ segments }) => segments.some(isVariable)).sort(bySpecificity);
  return (pathname, method) => {
    const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
    const exact = literal.get(path);
    if (exact) return exact;
    const segments = path.split('/');
    const fitting = variable.filter((entry) => fits(entry.segments, segments));
    return fitting.find(({ methods }) => method === undefined || methods.has(method)) ?? fitting[0];
  };
}
