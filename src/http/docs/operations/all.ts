import type { OperationDocs } from '../operation.ts';
import { AI } from './ai.ts';
import { DATASETS } from './datasets.ts';
import { DATASOURCES } from './datasources.ts';
import { IDENTITY } from './identity.ts';
import { JOBS } from './jobs.ts';
import { QUERIES } from './queries.ts';
import { SERVICE } from './service.ts';

export const OPERATIONS: OperationDocs = {
  ...SERVICE,
  ...IDENTITY,
  ...DATASETS,
  ...DATASOURCES,
  ...QUERIES,
  ...JOBS,
  ...AI,
};
