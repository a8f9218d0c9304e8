import { runEngineChild } from '../../src/isolation/child.ts';

// An engine process whose threads do what a test tells them to.
runEngineChild(() => new URL('./scripted.worker.ts', import.meta.url).href);
