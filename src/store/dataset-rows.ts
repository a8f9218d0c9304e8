import type { Selectable } from 'kysely';
import type { Column } from '../domain/column.ts';
import type { Dataset, Generation, Rejected } from '../domain/dataset.ts';
import type { Origin } from '../domain/upload.ts';
import type { Tables } from './tables.ts';

/** A generation as it is published; `files` are names in the dataset's folder. */
export interface NewGeneration {
  generation: number;
  rowCount: number;
  bytes: number;
  columns: readonly Column[];
  files: readonly string[];
  rejected: Rejected;
  warnings: readonly string[];
  sourceName: string;
  createdBy: string | null;
  origin?: Origin | undefined;
}

export interface NewDataset {
  id: string;
  name: string;
  description: string;
  createdBy: string | null;
}

export type DatasetRow = Selectable<Tables['datasets']>;
export type GenerationRow = Selectable<Tables['generations']>;

function originFacts(origin: string | null): Pick<Generation, 'encoding' | 'original'> {
  const { encoding, original } = JSON.parse(origin ?? '{}') as Origin;
  return { ...(encoding ? { encoding } : {}), ...(original ? { original: { bytes: original.bytes } } : {}) };
}

export function toGeneration(row: GenerationRow, current: number): Generation {
  return {
    generation: row.generation,
    rowCount: row.row_count,
    bytes: row.bytes,
    columns: JSON.parse(row.columns) as Column[],
    rejected: JSON.parse(row.rejected) as Rejected,
    ...originFacts(row.origin),
    sourceName: row.source_name,
    createdAt: row.created_at,
    createdBy: row.created_by,
    current: row.generation === current,
  };
}

export function toDataset(row: DatasetRow, generation: GenerationRow): Dataset {
  const warnings = JSON.parse(generation.warnings) as string[];
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    generation: generation.generation,
    rowCount: generation.row_count,
    bytes: generation.bytes,
    columns: JSON.parse(generation.columns) as Column[],
    rejected: JSON.parse(generation.rejected) as Rejected,
    ...originFacts(generation.origin),
    ...(warnings.length > 0 ? { warnings } : {}),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function generationRow(datasetId: string, generation: NewGeneration, at: string) {
  return {
    dataset_id: datasetId,
    generation: generation.generation,
    row_count: generation.rowCount,
    bytes: generation.bytes,
    columns: JSON.stringify(generation.columns),
    files: JSON.stringify(generation.files),
    rejected: JSON.stringify(generation.rejected),
    warnings: JSON.stringify(generation.warnings),
    source_name: generation.sourceName,
    created_at: at,
    created_by: generation.createdBy,
    origin: generation.origin ? JSON.stringify(generation.origin) : null,
  };
}
