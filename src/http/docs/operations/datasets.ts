import type { Code } from '../../../base/errors.ts';
import { Dataset, Generation } from '../../../domain/dataset.ts';
import { DatasetPreview, DatasetProfile } from '../answers/datasets.ts';
import { created, done, list, type OperationDocs, ok, page, text } from '../operation.ts';

const FILE_CODES: readonly Code[] = [
  'dataset.badFile',
  'dataset.badRows',
  'dataset.empty',
  'query.unsupported',
];
const UPLOAD_CODES: readonly Code[] = [
  ...FILE_CODES,
  'resource.conflict',
  'dataset.owned',
  'dataset.fewerRows',
  'limit.memory',
  'storage.full',
  'bucket.unreachable',
  'request.aborted',
];
const BUCKET_CODES: readonly Code[] = ['bucket.unreachable', 'bucket.missing', 'worker.died', 'storage.full'];

const CSV = 'day,shop,amount\n2025-01-01,north,10.50\n2025-01-01,south,7.25\n2025-01-02,north,12.00\n';
const MORE = 'day,shop,amount\n2025-01-01,north,10.50\n2025-01-02,north,12.00\n2025-01-03,south,9.75\n';
const SALES = { dataset: 'sales' };

const UPLOADS: OperationDocs = {
  'POST /datasets': {
    id: 'uploadDataset',
    description: `The file becomes a dataset with typed columns: CSV, TSV, JSON, JSON lines or Parquet, also compressed. What is not given as an option is detected. A file is read as a whole or refused; with \`badRows=keepAside\` rows that do not fit are kept apart.
Send a form, or the file itself as the body with its content type and the options in the query string.`,
    upload: 'dataset',
    answers: created(Dataset),
    codes: UPLOAD_CODES,
    bodies: { form: { name: 'sales', file: CSV } },
  },
  'POST /datasets/:dataset/generations': {
    id: 'uploadGeneration',
    description:
      'The new rows take the place of the old ones in one step; queries see either. A file with far fewer rows than before is refused (409) unless `acceptFewerRows` is given.',
    upload: 'generation',
    answers: created(Dataset),
    codes: UPLOAD_CODES,
    bodies: { form: { file: MORE }, raw: MORE },
    path: SALES,
  },
  'POST /datasets/:dataset/reload': {
    id: 'reloadDataset',
    description:
      'Options that are not given stay as they were in the upload. Uploads of text up to DATASET_ORIGINAL_MAX_BYTES are kept, as long as their generation.',
    answers: created(Dataset),
    codes: UPLOAD_CODES,
    bodies: { asText: { types: { day: 'text' } } },
    path: SALES,
  },
};

const CHANGES: OperationDocs = {
  'GET /datasets': {
    id: 'listDatasets',
    description: 'In order of creation.',
    answers: page(Dataset),
    query: { limit: 10 },
  },
  'GET /datasets/:dataset': {
    id: 'getDataset',
    description: 'Columns, row count and the current generation.',
    answers: ok(Dataset),
  },
  'PATCH /datasets/:dataset': {
    id: 'updateDataset',
    description: 'Fields that are not given stay. Saved work refers to the id, so a new name breaks nothing.',
    answers: ok(Dataset),
    codes: ['resource.conflict', 'dataset.owned'],
    bodies: { describe: { description: 'Sales of both shops' } },
    path: SALES,
  },
  'DELETE /datasets/:dataset': {
    id: 'deleteDataset',
    description: 'Also all its generations. The files go when no running query needs them.',
    answers: done,
    codes: ['dataset.owned', 'resource.conflict'],
    path: SALES,
  },
  'POST /datasets/:dataset/rollback': {
    id: 'rollbackDataset',
    description: 'Serves a generation that is still kept; see the list of generations.',
    answers: ok(Dataset),
    codes: ['dataset.owned', 'resource.conflict'],
    bodies: { first: { generation: 1 } },
    path: SALES,
  },
};

const CONTENT: OperationDocs = {
  'GET /datasets/:dataset/preview': {
    id: 'previewDataset',
    description: 'Rows in the order of the files.',
    answers: ok(DatasetPreview),
    codes: BUCKET_CODES,
    query: { limit: 5 },
  },
  'GET /datasets/:dataset/profile': {
    id: 'profileDataset',
    description:
      'Of each column: nulls, distinct values, extremes, mean, most frequent values, histogram. Computed once for each generation.',
    answers: ok(DatasetProfile),
    codes: BUCKET_CODES,
  },
  'GET /datasets/:dataset/generations': {
    id: 'listGenerations',
    description: 'DATASET_KEEP_GENERATIONS of them are kept.',
    answers: list(Generation),
  },
  'GET /datasets/:dataset/generations/:generation/rejected': {
    id: 'getRejectedRows',
    description:
      'One JSON object a line: `line`, `column`, `message`, `text`. Empty where no row was kept aside.',
    answers: { 200: text('application/x-ndjson', 'The rejected rows') },
    codes: ['bucket.unreachable', 'bucket.missing'],
    path: { ...SALES, generation: '1' },
  },
};

export const DATASETS: OperationDocs = { ...UPLOADS, ...CHANGES, ...CONTENT };
