import packageJson from '../../package.json';

/** Put in by deploy/build.ts. */
declare const REPORTING_API_VERSION: string | undefined;

export const VERSION =
  typeof REPORTING_API_VERSION === 'undefined' ? `${packageJson.version}+source` : REPORTING_API_VERSION;
