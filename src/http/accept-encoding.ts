/** The encoding that the client likes best of those we have; undefined when it wants the answer plain (RFC 9110, 12.5.3). */
export function preferredEncoding<E extends string>(
  header: string | null,
  ours: readonly E[],
): E | undefined {
  if (!header) return undefined;
  const weights = new Map<string, number>();
  for (const item of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    if (name !== '' && weight >= 0 && weight <= 1) weights.set(name, weight);
  }
  const weightOf = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
  let best: E | undefined;
  for (const ourName of ours) if (weightOf(ourName) > (best ? weightOf(best) : 0)) best = ourName;
  const plain = weights.get('identity') ?? 0;
  return best && weightOf(best) >= plain ? best : undefined;
}
