import { keptBeside, readSecret, secretPath } from '../secret-file.ts';
import { type Check, finding } from './check.ts';

/** readConfig has refused a short or well-known SECRET_KEY already. */
export const secretCheck: Check = {
  name: 'secret',
  async run(config) {
    if (config.SECRET_KEY !== undefined) {
      const isVaried = new Set(config.SECRET_KEY).size >= 10;
      if (isVaried) return [finding('secret', 'ok', `SECRET_KEY has ${config.SECRET_KEY.length} characters`)];
      const todo = 'make one with: openssl rand -hex 32';
      return [finding('secret', 'warn', 'SECRET_KEY repeats few characters', todo)];
    }
    const path = secretPath(keptBeside(config));
    const kept = await readSecret(path);
    if (kept !== undefined) return [finding('secret', 'ok', `the generated secret is kept in ${path}`)];
    return [finding('secret', 'ok', `the first start makes a secret in ${path}`)];
  },
};
