export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
}

/** The key in a file in the format of AWS: that of the profile `default`, or of none. Throws Error that names what is missing, and no value. */
export function parseCredentials(text: string, path: string): AwsKey {
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
    if (value === undefined) throw new Error(`DATASETS_S3_CREDENTIALS_FILE: ${path} does not set ${name}`);
    return value;
  };
  return { accessKeyId: wanted('aws_access_key_id'), secretAccessKey: wanted('aws_secret_access_key') };
}
