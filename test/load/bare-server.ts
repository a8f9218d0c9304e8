const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  development: false,
  fetch: () => new Response('ok'),
});
process.send?.(server.url.href);
