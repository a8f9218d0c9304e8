interface Link {
  target: string;
  rels: readonly string[];
}

const ONE = /\s*<([^>]*)>((?:\s*;\s*[^=;,\s]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^;,"\s]*))?)*)\s*(?:,|$)/y;
const PARAMETER = /;\s*([^=;,\s]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,"\s]*)))?/g;

/** The links of a `Link` header (RFC 8288); what cannot be read ends the list. */
function linksIn(header: string): Link[] {
  const links: Link[] = [];
  ONE.lastIndex = 0;
  for (let match = ONE.exec(header); match; match = ONE.exec(header)) {
    const [, target = '', parameters = ''] = match;
    const rel = [...parameters.matchAll(PARAMETER)].find(([, name]) => name!.toLowerCase() === 'rel');
    const rels = (rel?.[2]?.replace(/\\(.)/g, '$1') ?? rel?.[3] ?? '').toLowerCase().split(/\s+/);
    links.push({ target, rels });
    if (ONE.lastIndex >= header.length) break;
  }
  return links;
}

/** The target of the first link with the relation. */
export const linkTo = (header: string | undefined, rel: string): string | undefined =>
  linksIn(header ?? '').find(({ rels }) => rels.includes(rel.toLowerCase()))?.target;
