import { SETTINGS, type Setting, type SettingName } from '../src/settings.ts';

const GROUPS: Readonly<Record<string, string>> = {
  service: 'The service',
  server: 'The HTTP server',
  'sign-in': 'Signing in',
  datasources: 'Datasources',
  queries: 'Queries and their limits',
  datasets: 'Datasets and uploads',
  bucket: 'Bucket of the datasets',
  backup: 'Backups',
  sync: 'Sync tasks',
  outbound: 'Other servers, and watched folders',
  jobs: 'Jobs',
  ai: 'AI',
};

/** What a server wants other than the default. */
const PRODUCTION: Partial<Record<SettingName, string>> = {
  APP_ENV: 'prod',
  SECRET_KEY: '',
  DUCKDB_PATH: '/var/lib/reporting/local.duckdb',
  METADATA_DB_PATH: '/var/lib/reporting/meta.sqlite',
  HOST: '127.0.0.1',
  PORT: '8000',
  RUN_SCHEDULER: '1',
};

function valuesText({ kind }: Setting): string {
  switch (kind.type) {
    case 'enum':
      return kind.values.map((value) => `\`${value}\``).join(', ');
    case 'int':
      return `${kind.min} to ${kind.max}${kind.unit ? ` ${kind.unit}` : ''}${kind.auto ? ', or `auto`' : ''}`;
    case 'bytes':
      return 'bytes, such as `64MiB`';
    case 'bool':
      return '`1` or `0`';
    case 'list':
      return 'list, by commas';
    case 'url':
      return 'URL';
    case 'cron':
      return 'cron, or `off`';
    case 'timezone':
      return 'IANA time zone';
    case 'text':
      return kind.says ?? 'text';
  }
}

function defaultText(setting: Setting): string {
  if (setting.defaultText !== undefined) return setting.defaultText;
  return typeof setting.default === 'string' && setting.default !== '' ? `\`${setting.default}\`` : '—';
}

function byGroup(): Map<string, [string, Setting][]> {
  const groups = Map.groupBy(Object.entries<Setting>(SETTINGS), ([, { group }]) => group);
  for (const group of groups.keys()) if (!GROUPS[group]) throw new Error(`group ${group} has no title`);
  return groups;
}

const cell = (text: string) => text.replaceAll('|', '\\|');

/** The settings as Markdown, a table a group. */
export function settingsTables(): string {
  const sections = [...byGroup()].map(([group, settings]) => {
    const rows = settings.map(([name, setting]) => {
      const help = `${setting.help}${setting.secret ? ' *(secret)*' : ''}`;
      return `| \`${name}\` | ${[valuesText(setting), defaultText(setting), help].map(cell).join(' | ')} |`;
    });
    return `**${GROUPS[group]}**\n\n| Name | Values | Default | Meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return sections.join('\n');
}

/** One line of prose as comment lines of at most 110 characters. */
function comment(text: string): string {
  const lines = [''];
  for (const word of text.replaceAll('`', '').split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length > 107) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `# ${line}`).join('\n');
}

function exampleEntry([name, setting]: [string, Setting]): string {
  const production = PRODUCTION[name as SettingName];
  const usual = typeof setting.default === 'string' ? setting.default : '';
  const note = setting.defaultText ? ` (default: ${setting.defaultText})` : '';
  const line = production === undefined ? `#${name}=${usual}` : `${name}=${production}`;
  return `${comment(`${setting.help}${note}`)}\n${line}`;
}

/** deploy/reporting-api.env.example: every setting, those of a server filled in, the others at their default behind `#`. */
export function envExample(): string {
  const sections = [...byGroup()].map(
    ([group, settings]) => `## ${GROUPS[group]}\n\n${settings.map(exampleEntry).join('\n\n')}\n`,
  );
  return `# Settings of the Reporting API. Copy to /etc/reporting/reporting-api.env (owner root, group reporting, mode 0640).
# Written by deploy/docs.ts from src/settings.ts. SECRET_KEY must be filled in: openssl rand -hex 32

${sections.join('\n')}`;
}
