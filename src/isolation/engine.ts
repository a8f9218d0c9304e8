import { runEngineChild } from './child.ts';

// The entry of an engine process that is started from the sources.
runEngineChild();
