import Type, { type Static } from 'typebox';
import { issues } from '../domain/schema.ts';
import { randomText } from './secrets.ts';
import { SignedText } from './signed-text.ts';

const Device = Type.Object(
  {
    /** Failures of the device are counted under it. */
    device: Type.String({ minLength: 1, maxLength: 100 }),
    user: Type.String({ minLength: 1, maxLength: 100 }),
    /** Milliseconds since 1970. */
    expiresAtMs: Type.Integer(),
  },
  { additionalProperties: false },
);
type Device = Static<typeof Device>;

const KEY_PURPOSE = 'reporting-api device token v1';
const SEPARATOR = '~';
/** Accounts that one browser is known for; the cookie is some 200 bytes for each. */
const MAX_ACCOUNTS = 4;
const DAY_MS = 86_400_000;

/** Browsers that an account was signed in from, told by a signed cookie. It opens nothing: the password is asked for all the same. */
export class KnownDevices {
  readonly #text: SignedText;

  constructor(
    readonly days: number,
    secret: string,
    previous?: string,
  ) {
    this.#text = new SignedText(KEY_PURPOSE, secret, previous);
  }

  /** The id of the device that the cookie names, where the account was signed in from it. */
  find(cookie: string | undefined, userId: string | undefined, nowMs: number): string | undefined {
    return this.#read(cookie, nowMs).find(([, { user }]) => user === userId)?.[1].device;
  }

  /** The cookie after a sign-in of the account. */
  remember(cookie: string | undefined, userId: string, nowMs: number): { value: string; maxAgeS: number } {
    const expiresAtMs = nowMs + this.days * DAY_MS;
    const device = this.find(cookie, userId, nowMs) ?? randomText(20);
    const others = this.#read(cookie, nowMs).filter(([, { user }]) => user !== userId);
    const texts = [this.#text.sign({ device, user: userId, expiresAtMs }), ...others.map(([text]) => text)];
    return { value: texts.slice(0, MAX_ACCOUNTS).join(SEPARATOR), maxAgeS: this.days * (DAY_MS / 1000) };
  }

  #read(cookie: string | undefined, nowMs: number): [text: string, device: Device][] {
    const found: [string, Device][] = [];
    for (const text of cookie?.split(SEPARATOR, MAX_ACCOUNTS) ?? []) {
      const value = this.#text.read(text) as Device;
      if (issues(Device, value).length === 0 && value.expiresAtMs > nowMs) found.push([text, value]);
    }
    return found;
  }
}
