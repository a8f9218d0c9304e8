export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
}

/** The key in a file in the format of AWS: that of the profile `default`, or of none. Throws Error that says of the file what is wrong, and no value. */
export function parseCredentials(text: string): AwsKey {
  const found = new Map<string, string>();
  let profile = 'default';
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*([^\]]+?)\s*\]\s*$/.exec(line)?.[1];
    if (section !== undefined) profile = section;
    const [, name, value] = /^\s*([a-z_]+)\s*=\s*(\S.*?)\s*$/.exec(line) ?? [];
    if (profile === 'default' && name !== undefined) found.set(name, value!);
  }
  const wanted = (name: string) => {
    const value = found.get(name);
    if (value === undefined) throw new Error(`does not set ${name}`);
    return value;
  };
  if (found.has('aws_session_token'))
    throw new Error(
      'has an aws_session_token: the key of a session ends, and the service needs one that does not',
    );
  return { accessKeyId: wanted('aws_access_key_id'), secretAccessKey: wanted('aws_secret_access_key') };
}
