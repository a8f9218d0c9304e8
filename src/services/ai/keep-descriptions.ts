import type { Model, ModelPatch } from '../../domain/model.ts';

/** A text about a source and about its columns and measures. */
export interface Descriptions {
  text: string;
  columns: readonly { name: string; description: string; synonyms: readonly string[] }[];
}

interface Texts {
  name: string;
  description?: string;
  synonyms?: string[];
}

/** Whose descriptions were put in, and whose were there before and stayed. */
export interface KeptTexts {
  described: string[];
  kept: string[];
}

/** The change of a model that keeps descriptions in it. What people wrote stays, unless it is to be overwritten. */
export function descriptionPatch(
  model: Model,
  { text, columns }: Descriptions,
  overwrite: boolean,
): { patch: ModelPatch; told: KeptTexts } {
  const open = new Map(columns.map((column) => [column.name, column]));
  const told: KeptTexts = { described: [], kept: [] };
  const write = <T extends Texts>(part: T): T => {
    const written = open.get(part.name);
    if (!written) return part;
    open.delete(part.name);
    const takesText = written.description !== '' && (overwrite || !part.description);
    const takesSynonyms = written.synonyms.length > 0 && (overwrite || !part.synonyms?.length);
    (takesText || takesSynonyms ? told.described : told.kept).push(part.name);
    return {
      ...part,
      ...(takesText ? { description: written.description } : {}),
      ...(takesSynonyms ? { synonyms: [...written.synonyms] } : {}),
    };
  };
  const dimensions = model.dimensions?.map((each) => (each.hidden ? each : write(each)));
  const computed = model.columns?.map(write);
  const before = (model.descriptions ?? []).map(write);
  const measured = new Set((model.measures ?? []).map(({ name }) => name));
  const others = [...open.keys()].filter((name) => !measured.has(name)).map((name) => write({ name }));
  const measures = model.measures?.map((each) => (each.hidden ? each : write(each)));
  const takesText = overwrite || model.description === '';
  const descriptions = [...before, ...others.filter((each) => Object.keys(each).length > 1)];
  return {
    patch: {
      version: model.version,
      ...(takesText ? { description: text } : {}),
      ...(dimensions ? { dimensions } : {}),
      ...(computed ? { columns: computed } : {}),
      ...(measures ? { measures } : {}),
      ...(descriptions.length > 0 ? { descriptions } : {}),
    },
    told,
  };
}
