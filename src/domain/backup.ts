import Type, { type Static } from 'typebox';

/** `metadata` is a file; `full` a folder that has the files of the datasets too. */
export type BackupKind = 'metadata' | 'full';

export interface Backup {
  name: string;
  path: string;
  kind: BackupKind;
  createdAt: string;
  /** Of the metadata and, in a full one, of the files of datasets. */
  bytes: number;
}

export const NewBackup = Type.Object(
  {
    withDatasets: Type.Optional(
      Type.Boolean({ description: 'Also the files of all generations; false where it is left out' }),
    ),
  },
  { additionalProperties: false },
);
export type NewBackup = Static<typeof NewBackup>;

const File = Type.Object(
  {
    path: Type.String({ pattern: '^[0-9A-Za-z_-]+/[0-9A-Za-z_-][0-9A-Za-z._-]*$', maxLength: 200 }),
    bytes: Type.Integer({ minimum: 0 }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
);

/** What stands in a full backup, beside the manifest: the metadata, and files of datasets below `datasets/`. */
export const BackupManifest = Type.Object(
  {
    format: Type.Literal(1),
    createdAt: Type.String(),
    metadata: Type.Omit(File, ['path']),
    files: Type.Array(File),
  },
  { additionalProperties: false },
);
export type BackupManifest = Static<typeof BackupManifest>;
