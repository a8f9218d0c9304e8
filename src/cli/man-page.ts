import type { Described } from './described.ts';

/** Text as roff takes it: no dash becomes a hyphen, no line a request. */
const roff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(
      /[^\0-\x7f]/gu,
      (char) => `\\[u${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replaceAll(/^([.'])/gm, '\\&$1');

const section = ({ name, summary, usage }: Described) =>
  `.SS ${roff(name)}\n${roff(summary)}.\n.PP\n.nf\n${roff(usage.trimEnd())}\n.fi\n`;

/** The manual page, section 1, from the help texts of the commands. */
export function manPage(commands: readonly Described[]): string {
  return `.\\" Made by: bun run docs
.TH REPORTING\\-API 1
.SH NAME
reporting\\-api \\- a reporting and BI back end in one file
.SH SYNOPSIS
.B reporting\\-api
.I command
[options]
.SH DESCRIPTION
Reports, pivots and datasets over HTTP, from PostgreSQL, MySQL, MariaDB, SQL Server and local files. Settings come from the
environment; \\fBprint\\-config\\fR shows them.
.SH COMMANDS
${commands.map(section).join('')}.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
Failed; the reason is on the error stream.
.TP
.B 2
The command line or a setting is wrong.
.SH FILES
.TP
.I /etc/reporting/reporting\\-api.env
The settings of the service under systemd.
.TP
.I /var/lib/reporting
Its data.
`;
}
