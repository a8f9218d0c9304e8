// `serve` with a service that only listens; run by serve.test.ts. FAKE says how it behaves.
import { serveCommand } from '../../../src/cli/serve.ts';

const behaviour = process.env.FAKE ?? '';

const command = serveCommand(async () => async ({ config }) => {
  const server = Bun.serve({ hostname: config.HOST, port: config.PORT, fetch: () => new Response('here') });
  process.stderr.write('{"event":"fake.started"}\n');
  if (behaviour === 'throwLater') setTimeout(() => Promise.reject(new Error('nobody caught this')), 10);
  return {
    url: `http://${config.HOST}:${server.port}`,
    port: server.port ?? 0,
    startKey: 'sk_test',
    isWell: () => true,
    demoReady: behaviour === 'demoFails' ? Promise.reject(new Error('no demo')) : Promise.resolve(),
    stop: (graceMs) => {
      if (behaviour === 'hangs') return new Promise<void>(() => undefined);
      process.stderr.write(`{"event":"fake.stop","graceMs":${graceMs}}\n`);
      return server.stop(true);
    },
  };
});

const io = {
  env: process.env,
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
  stdin: async () => '',
};
process.exit(await command.run(process.argv.slice(2), io));
