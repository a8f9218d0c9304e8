import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Caller } from '../domain/audit.ts';
import {
  type Calendar,
  type CalendarImport,
  CalendarInput,
  type CalendarPatch,
  type Holiday,
  PLAIN_CALENDAR,
} from '../domain/calendar.ts';
import { parse } from '../domain/schema.ts';
import { checkHolidays } from '../domain/working-days.ts';
import type { Nouns, Store } from '../store/store.ts';
import type { Audit } from './audit.ts';
import { type ImportedHolidays, importHolidays } from './calendar-import.ts';
import type { Schedules } from './schedules.ts';

export interface CalendarsDeps {
  store: Store;
  audit: Audit;
  clock: Clock;
  schedules: Pick<Schedules, 'replan'>;
}

const missing = (nameOrId: string) =>
  new AppError('resource.notFound', `There is no calendar ${JSON.stringify(nameOrId)}`, {
    params: { calendar: nameOrId },
  });

const inUse = (name: string, cause: unknown) =>
  new AppError('resource.conflict', `A schedule names the calendar ${JSON.stringify(name)}`, { cause });

/** Which days are worked on. A change is in force at once: schedules are planned anew with it. */
export class Calendars {
  constructor(readonly deps: CalendarsDeps) {}

  async get(nameOrId: string): Promise<Calendar> {
    return this.#find(nameOrId, this.deps.store);
  }

  list(limit: number, after?: string): Promise<Calendar[]> {
    return this.deps.store.calendars.list(limit, after);
  }

  async create(input: CalendarInput, caller: Caller): Promise<Calendar> {
    const now = this.deps.clock.now();
    const at = iso(now);
    const id = newId('cal', now);
    const made: Calendar = {
      ...{ ...PLAIN_CALENDAR, isDefault: false, ...input },
      ...{ id, version: 1, createdAt: at, updatedAt: at },
    };
    checkHolidays(made.holidays);
    await this.#change('calendar.create', made, caller, (nouns) =>
      nouns.calendars.insert(made, caller.actor),
    );
    return made;
  }

  /** Fields that are not named stay. */
  async update(nameOrId: string, patch: CalendarPatch, caller: Caller): Promise<Calendar> {
    const before = await this.get(nameOrId);
    const updatedAt = iso(this.deps.clock.now());
    const changed = { ...before, ...patch, version: before.version + 1, updatedAt };
    checkHolidays(changed.holidays);
    await this.#change('calendar.update', changed, caller, (nouns) => nouns.calendars.update(changed));
    return changed;
  }

  /** Takes holidays over from a file. Throws `request.invalid` where it has none, or they are too many. */
  async import(
    nameOrId: string,
    file: CalendarImport,
    caller: Caller,
  ): Promise<Omit<ImportedHolidays, 'holidays'> & { calendar: Calendar; imported: number }> {
    const { holidays: found, ignored } = importHolidays(file);
    const before = await this.get(nameOrId);
    const holidays = distinct([...(file.replace ? [] : before.holidays), ...found]);
    parse(CalendarInput, { name: before.name, holidays });
    const calendar = await this.update(before.id, { holidays }, caller);
    return { calendar, imported: found.length, ignored: ignored.slice(0, 100) };
  }

  /** Throws `resource.conflict` while a schedule names it. */
  async remove(nameOrId: string, caller: Caller): Promise<void> {
    const before = await this.get(nameOrId);
    try {
      await this.#change('calendar.delete', before, caller, (nouns) => nouns.calendars.remove(before.id));
    } catch (error) {
      const isNamed =
        error instanceof AppError && error.code === 'resource.notFound' && error.pointer === '/calendar';
      throw isNamed ? inUse(before.name, error) : error;
    }
  }

  async #change(
    action: string,
    { id, name, version }: Calendar,
    caller: Caller,
    work: (nouns: Nouns) => Promise<void>,
  ): Promise<void> {
    const { store, audit, schedules } = this.deps;
    try {
      await store.transaction(async (nouns) => {
        await work(nouns);
        await schedules.replan(nouns);
        await audit.within(nouns).record({ action, target: id, detail: { name, version } }, caller);
      });
    } catch (error) {
      const isRenamed =
        action === 'calendar.update' && error instanceof AppError && error.pointer === '/calendar';
      throw isRenamed ? inUse(String(error.params?.calendar), error) : error;
    }
  }

  async #find(nameOrId: string, nouns: Pick<Nouns, 'calendars'>): Promise<Calendar> {
    const found = await nouns.calendars.find(nameOrId);
    if (!found) throw missing(nameOrId);
    return found;
  }
}

function distinct(holidays: readonly Holiday[]): Holiday[] {
  const byDay = new Map(
    holidays.map(({ name, ...day }) => [JSON.stringify(day), { ...day, ...(name ? { name } : {}) }]),
  );
  return [...byDay.values()] as Holiday[];
}
