/** The bytes are not what their format demands. */
export class Damaged extends Error {}
