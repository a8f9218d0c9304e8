/** Every `<name>.worker.ts` of this folder. */
export const WORKERS = ['gate', 'ingest', 'query', 'source', 'sql'] as const;
export type WorkerName = (typeof WORKERS)[number];

/**
 * Where a worker is loaded from. In the compiled binary every module has the URL of the program itself, and the workers, extra
 * entry points of the build (deploy/build.ts), lie beside it as JavaScript.
 */
export function workerUrl(name: WorkerName): string {
  if (import.meta.url.startsWith('file:///$bunfs/')) return `file:///$bunfs/root/workers/${name}.worker.js`;
  return new URL(`./${name}.worker.ts`, import.meta.url).href;
}
