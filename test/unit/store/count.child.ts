import { openDatabase } from '../../../src/store/database.ts';
import { createStore } from '../../../src/store/store.ts';

const [, , path = '', times = ''] = process.argv;
const db = await openDatabase(path);
const store = createStore(db);
for (let i = 0; i < Number(times); i++) {
  await store.transaction(async ({ facts }) => {
    const before = Number((await facts.get('count')) ?? 0);
    await facts.set('count', String(before + 1));
  });
}
await db.destroy();
