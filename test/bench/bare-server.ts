/** The least that Bun can do: the bytes of a file for every request, once the request's body was read. Prints its port. */
const bytes = await Bun.file(process.argv[2]!).bytes();
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    await request.text();
    return new Response(bytes, { headers: { 'content-type': 'application/json' } });
  },
});
process.stdout.write(`${server.port}\n`);

export {};
