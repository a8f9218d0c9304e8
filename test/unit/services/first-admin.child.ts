import { systemClock } from '../../../src/base/clock.ts';
import { readConfig } from '../../../src/config.ts';
import { createIdentity, openFirstAccess } from '../../../src/services/identity.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { createStore } from '../../../src/store/store.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

const [, , path = '', email = ''] = process.argv;
const options = readConfig({ ADMIN_EMAIL: email, ADMIN_PASSWORD: 'first admin password' });
const db = await openDatabase(path);
await migrate(db, path, silentLog);
const store = createStore(db);
const deps = { store, clock: systemClock, metrics: createMetrics(), log: silentLog, options };
const identity = createIdentity({ ...deps, secretKey: 's'.repeat(32) });
process.stdout.write(`${JSON.stringify(await openFirstAccess(identity, store, options))}\n`);
await db.destroy();
