import { Elysia } from 'elysia';
import { AppError } from '../../base/errors.ts';

/** Describes the WebSocket, which http/live.ts serves, and tells those who came by plain HTTP. */
export function liveRoutes() {
  return new Elysia().get(
    '/live',
    () => {
      throw new AppError('request.invalid', 'This endpoint is a WebSocket: ask for an upgrade');
    },
    {
      detail: {
        summary:
          'A WebSocket that tells of runs and datasets as they change: subscribe to `runs`, `run:<id>`, `dataset:<id>`',
        tags: ['jobs'],
      },
    },
  );
}
