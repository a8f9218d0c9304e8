/**
 * Where the worker `<name>.worker.ts` of this folder is loaded from. In the compiled binary every module has the URL of the
 * program itself, and the extra entry points lie under the build's root (deploy/build.ts) as JavaScript.
 */
export function workerUrl(name: string): string {
  if (import.meta.url.startsWith('file:///$bunfs/')) return `file:///$bunfs/root/workers/${name}.worker.js`;
  return new URL(`./${name}.worker.ts`, import.meta.url).href;
}
