import type { Generated } from 'kysely';

/** Times are ISO 8601 UTC text; JSON columns are text; booleans are 0 or 1. */
export interface Tables {
  users: {
    id: string;
    /** As `toEmail` gives it. */
    email: string;
    name: string;
    role: string;
    password_hash: string;
    disabled: number;
    created_at: string;
    updated_at: string;
  };
  sessions: {
    id: string;
    user_id: string;
    /** SHA-256 of the refresh token in force; one that was rotated out has another. */
    refresh_hash: string;
    csrf: string;
    created_at: string;
    expires_at: string;
    revoked_at: string | null;
    address: string;
    agent: string;
  };
  api_keys: {
    id: string;
    user_id: string;
    name: string;
    /** SHA-256 of the key. */
    key_hash: string;
    /** The first characters, to tell keys apart. */
    hint: string;
    scopes: string;
    created_at: string;
    expires_at: string | null;
    revoked_at: string | null;
    last_used_at: string | null;
  };
  /** Failed sign-ins, by account and by address. */
  login_failures: { id: Generated<number>; subject: string; at: string };
  audit: {
    id: Generated<number>;
    at: string;
    actor: string | null;
    action: string;
    target: string | null;
    address: string | null;
    request_id: string | null;
    detail: string;
  };
  datasets: {
    id: string;
    name: string;
    description: string;
    current_generation: number;
    created_at: string;
    created_by: string | null;
    updated_at: string;
  };
  generations: {
    dataset_id: string;
    generation: number;
    row_count: number;
    bytes: number;
    columns: string;
    /** JSON list of file names, relative to the dataset's folder. */
    files: string;
    rejected: string;
    warnings: string;
    source_name: string;
    created_at: string;
    created_by: string | null;
    /** JSON: the encoding of the file, and what the upload was where it is kept. */
    origin: string | null;
  };
  /** Files out of use, to be removed after the grace time. */
  retired_files: { path: string; retired_at: string };
  /** Files of datasets that go into the bucket, by `<dataset id>/<name>`: a row is there before the object is. */
  shared_files: {
    path: string;
    bytes: number;
    sha256: string;
    begun_at: string;
    /** When the bucket was seen to hold it; null before. */
    shared_at: string | null;
  };
  datasources: {
    id: string;
    name: string;
    type: string;
    description: string;
    /** JSON, without secrets. */
    settings: string;
    /** JSON: field → sealed text. */
    secrets: string;
    /** Grows whenever settings or secrets change. */
    version: number;
    /** JSON of what the server said of itself; for `facts_version`. */
    facts: string | null;
    facts_version: number;
    created_at: string;
    created_by: string | null;
    updated_at: string;
  };
  models: {
    id: string;
    name: string;
    description: string;
    /** JSON of a ModelDefinition. */
    definition: string;
    /** Grows with every change of the definition. */
    version: number;
    created_at: string;
    created_by: string | null;
    updated_at: string;
  };
  runs: {
    id: string;
    kind: string;
    /** What it is about, such as a sync task. */
    subject_id: string | null;
    trigger_kind: string;
    fire_id: string | null;
    /** JSON. */
    input: string;
    state: string;
    attempt: number;
    /** Grows each time that a process claims the run. */
    claim: number;
    claimed_by: string | null;
    /** Grows while the claimant lives. */
    beat: number;
    abort_requested: number;
    available_at: string;
    created_at: string;
    created_by: string | null;
    started_at: string | null;
    ended_at: string | null;
    /** JSON of Progress. */
    progress: string;
    /** JSON of RunFault. */
    fault: string | null;
    /** JSON. */
    result: string | null;
    /** Of the runs that share it, at most `concurrency_limit` run at once. */
    concurrency_key: string | null;
    concurrency_limit: Generated<number>;
    /** Attempts that ended with a fault. */
    failures: Generated<number>;
    /** Attempts whose process died. */
    losses: Generated<number>;
    /** The value of the counter `runs` when the run was last changed: those past one that was seen are news. */
    revision: Generated<number>;
  };
  run_log: {
    run_id: string;
    /** Counted from 1. */
    line: number;
    at: string;
    level: string;
    text: string;
    /** JSON. */
    facts: string | null;
  };
  /** Numbers that only grow; who changes one holds it until its transaction ends. */
  counters: { name: string; value: number };
  leases: {
    name: string;
    /** Null once it was given back. */
    holder: string | null;
    /** Grows with each change of holder. */
    token: number;
    /** Grows while the holder lives. */
    beat: number;
    /** For people; whether the holder lives is never told from it. */
    changed_at: string;
  };
  schedules: {
    id: string;
    name: string;
    /** JSON of ScheduleInput. */
    definition: string;
    enabled: number;
    version: number;
    job_kind: string;
    subject_id: string | null;
    /** When it is due next, with shifts, windows and jitter. */
    next_at: string | null;
    /** The instant of the cron expression behind it. */
    next_instant: string | null;
    last_instant: string | null;
    created_at: string;
    created_by: string | null;
    updated_at: string;
  };
  fires: {
    id: string;
    schedule_id: string;
    instant: string;
    /** `run` or `skipped`. */
    outcome: string;
    reason: string | null;
    /** How many instants it stands for. */
    count: Generated<number>;
    run_id: string | null;
    fired_at: string;
    token: number;
  };
  calendars: {
    id: string;
    name: string;
    /** JSON of CalendarInput. */
    definition: string;
    is_default: number;
    version: number;
    created_at: string;
    created_by: string | null;
    updated_at: string;
  };
  /** Tokens of a user on a day (UTC). */
  ai_usage: { user_id: string; day: string; requests: number; input_tokens: number; output_tokens: number };
  secrets: {
    id: string;
    name: string;
    description: string;
    /** The value, as base/seal.ts writes it. */
    sealed: string;
    /** JSON list. */
    hosts: string;
    version: number;
    created_at: string;
    created_by: string | null;
    updated_at: string;
  };
  sync_tasks: {
    id: string;
    name: string;
    description: string;
    /** JSON of the task's other fields. */
    definition: string;
    dataset_name: string;
    /** Null until the dataset is there. */
    dataset_id: string | null;
    /** JSON of Checkpoint; written with the generation that it tells of. */
    checkpoint: string | null;
    /** Grows when what decides the rows changes, or the checkpoint is dropped: a run that began before keeps none any more. */
    version: number;
    created_at: string;
    created_by: string | null;
    updated_at: string;
  };
  /** Facts of the installation by name. */
  facts: { name: string; value: string };
}

export interface Marked {
  /** A text that is another one once anything may have been written, by whichever process; undefined where that cannot be known. */
  readonly mark?: () => string | undefined;
}
