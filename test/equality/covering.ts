const FEATURE =
  /"(?:agg|grain|op|expr|field|timezone|weekStart|search|orderBy|totals|dir|nulls)":(?:"[^"]*"|\{[^}]*\})/g;
const isWork = (feature: string) => /^"(?:agg|grain|op)"/.test(feature);
const isField = (feature: string) => feature.startsWith('"field"');

/** Of cases, told by their titles in JSON, few that have every feature, and every operation on a field, that any of them has. */
export function covering<T>(cases: readonly T[], titleOf: (each: T) => string): T[] {
  const seen = new Set<string>();
  return cases.filter((each) => {
    const features = titleOf(each).match(FEATURE) ?? [];
    const found = features.flatMap((feature, i) => {
      const before = features[i - 1] ?? '';
      const isPair = (isWork(before) && isField(feature)) || (isField(before) && isWork(feature));
      return isPair ? [feature, [before, feature].sort().join()] : [feature];
    });
    const isNew = found.some((one) => !seen.has(one));
    for (const one of found) seen.add(one);
    return isNew;
  });
}
