/** A command as a document shows it. */
export interface Shown {
  /** `deploy/DEPLOY.md:42` */
  place: string;
  kind: 'shell' | 'sql' | 'settings' | 'inline';
  text: string;
}

const KINDS: Readonly<Record<string, Shown['kind']>> = {
  sh: 'shell',
  bash: 'shell',
  sql: 'sql',
  ini: 'settings',
  env: 'settings',
};
const FENCED = /^( *)```(\w*)\n([\s\S]*?)^ *```/gm;
/** What stands in a sentence and is meant to be typed. */
const TYPED =
  /`((?:(?:sudo|systemctl|reporting-api|pg_\w+|psql|curl|bun|npx|promtool|nginx) [^`]+)|(?:(?:CREATE|ALTER|GRANT|DROP) [^`]+;))`/g;

/** A shell text as its commands: over several lines where a quote or a backslash says so, without comments. */
export function shellCommands(text: string): { line: number; text: string }[] {
  const found: { line: number; text: string }[] = [];
  let [current, quote, line, first, isComment] = ['', '', 0, 0, false];
  const end = () => {
    if (current.trim() !== '') found.push({ line: first, text: current.trim() });
    current = '';
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\n') line++;
    if (isComment && char !== '\n') continue;
    isComment = false;
    if (current.trim() === '') first = line;
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '\\') {
      current += char + (text[++i] ?? '');
      if (text[i] === '\n') line++;
      continue;
    } else if (char === "'" || char === '"') quote = char;
    else if (char === '#' && /(?:^|\s)$/.test(current)) {
      isComment = true;
      continue;
    } else if (char === '\n') {
      end();
      continue;
    }
    current += char;
  }
  end();
  return found;
}

/** Every command, statement and setting of a document, in its order. */
export function shownIn(document: string, text: string): Shown[] {
  const found: (Shown & { at: number })[] = [];
  const lineOf = (at: number) => text.slice(0, at).split('\n').length;
  const add = (at: number, line: number, kind: Shown['kind'], shown: string) =>
    found.push({ at, place: `${document}:${line}`, kind, text: shown });
  for (const { index, 2: language = '', 3: body = '' } of text.matchAll(FENCED)) {
    const kind = KINDS[language];
    const line = lineOf(index) + 1;
    if (kind === 'shell') for (const one of shellCommands(body)) add(index, line + one.line, kind, one.text);
    else if (kind) add(index, line, kind, body.replace(/^ +/gm, '').trim());
  }
  const prose = text.replace(FENCED, (block) => block.replace(/[^\n]/g, ' '));
  for (const { index, 1: shown = '' } of prose.matchAll(TYPED)) add(index, lineOf(index), 'inline', shown);
  return found.sort((a, b) => a.at - b.at).map(({ at: _, ...shown }) => shown);
}
