/**
 * A name as the most lenient server would compare it: no case, width, accents, ligatures, invisible characters or outer spaces.
 * Collations of SQL Server ignore all of these, so lists of refused names are compared in this form.
 */
export function foldName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{Cc}]/gu, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ı', 'i')
    .trim();
}
