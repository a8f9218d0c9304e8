import { Elysia } from 'elysia';
import Type from 'typebox';
import { AppError } from '../../base/errors.ts';
import { MCP_VERSIONS, type McpServer } from '../../services/mcp/server.ts';
import { contextOf, requireScope } from '../context.ts';
import { originCheck } from '../cors.ts';
import { hangUp } from '../hang-up.ts';
import { std } from '../validate.ts';

/** One message of JSON-RPC 2.0; its own rules are checked by the server, which answers in its form. */
const Message = Type.Object({});

function checkVersion(request: Request): void {
  const version = request.headers.get('mcp-protocol-version');
  if (version === null || (MCP_VERSIONS as readonly string[]).includes(version)) return;
  throw new AppError('request.invalid', `The protocol version must be one of ${MCP_VERSIONS.join(', ')}`, {
    pointer: '/mcp-protocol-version',
    params: { in: 'header' },
  });
}

export interface McpRoutesDeps {
  mcp: McpServer;
  /** As `CORS_ORIGINS` has them. */
  origins: readonly string[];
}

/** The Model Context Protocol over HTTP («streamable HTTP»), without sessions and without streams of its own. */
export function mcpRoutes({ mcp, origins }: McpRoutesDeps) {
  const isAllowed = originCheck(origins);

  /** Agents send none; a page of another site, perhaps by a name that it made lead here, is refused (as the protocol says, 403). */
  function checkOrigin({ headers }: Request): void {
    const origin = headers.get('origin');
    if (origin === null || isAllowed(origin)) return;
    throw new AppError('auth.forbidden', 'CORS_ORIGINS does not name the origin of this page', {
      params: { setting: 'CORS_ORIGINS' },
    });
  }

  return new Elysia().post(
    '/mcp',
    async ({ body, request }) => {
      const principal = requireScope(request, 'read');
      checkOrigin(request);
      checkVersion(request);
      const { requestId } = contextOf(request);
      const answer = await mcp.answer(body, { principal, requestId, signal: hangUp(request), fresh: false });
      return answer ?? new Response(null, { status: 202 });
    },
    {
      body: std(Message),
      detail: {
        summary: 'Tools for agents (Model Context Protocol): sources, queries, pivots',
        tags: ['ai'],
      },
    },
  );
}
