import { type Check, type CheckedConfig, type Finding, finding } from './check.ts';

async function whoAnswers({ HOST, PORT }: CheckedConfig): Promise<Finding> {
  const host =
    HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '[::1]' : HOST.includes(':') ? `[${HOST}]` : HOST;
  const todo = 'stop what listens there, or choose another PORT';
  try {
    const answer = await fetch(`http://${host}:${PORT}/api/healthz`, { signal: AbortSignal.timeout(2000) });
    const { version } = (await answer.json()) as { version?: string };
    if (version !== undefined)
      return finding('port', 'ok', `this service (${version}) listens on port ${PORT}`);
    return finding('port', 'fail', `another service listens on port ${PORT}`, todo);
  } catch (error) {
    const why = error instanceof Error ? error.name : String(error);
    return finding('port', 'fail', `port ${PORT} is in use by something else (${why})`, todo);
  }
}

export const portCheck: Check = {
  name: 'port',
  async run(config) {
    const { HOST, PORT } = config;
    try {
      const server = Bun.serve({
        hostname: HOST,
        port: PORT,
        fetch: () => new Response(null, { status: 503 }),
      });
      await server.stop(true);
      return [
        finding('port', 'ok', PORT === 0 ? 'a free port is picked' : `port ${PORT} on ${HOST} is free`),
      ];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE') return [await whoAnswers(config)];
      return [
        finding('port', 'fail', `HOST=${HOST} PORT=${PORT} cannot be opened (${code})`, 'set HOST and PORT'),
      ];
    }
  },
};
