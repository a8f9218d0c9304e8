const opaque = (tag: string) => tag.trim().replace(/^W\//, '');

/** Weak comparison of `If-None-Match` with an answer's tag (RFC 9110, 13.1.2). */
export function matchesEtag(ifNoneMatch: string | null, etag: string | null): boolean {
  if (!ifNoneMatch || !etag) return false;
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => opaque(tag) === opaque(etag));
}

/** The tag of an answer whose bytes were re-encoded: equal in meaning, not in bytes. */
export const weakened = (etag: string) => (etag.startsWith('W/') ? etag : `W/${etag}`);
