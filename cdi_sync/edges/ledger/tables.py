"""The tables of the ledger, as its latest migration leaves them. Moments are ISO 8601 text with their offset, "" for none."""

import sqlalchemy as sa

metadata = sa.MetaData()

# One letter. owner, lease_until: who is handing it over, and until when; attempts, retry_at: refused for now;
# last_day: after it the letter is pointless; hold: why it waits for a person, "" when it doesn't; thread: the
# Message-ID that its own refers to.
letters = sa.Table(
    "letters", metadata,
    sa.Column("key", sa.String, primary_key=True), sa.Column("message_id", sa.String),
    sa.Column("kind", sa.String), sa.Column("recipient", sa.String), sa.Column("lang", sa.String),
    sa.Column("day", sa.Date), sa.Column("state", sa.String), sa.Column("eml", sa.String),
    sa.Column("content", sa.LargeBinary), sa.Column("rank", sa.Integer), sa.Column("detail", sa.String),
    sa.Column("made_at", sa.String), sa.Column("settled_at", sa.String),
    sa.Column("owner", sa.String), sa.Column("lease_until", sa.String), sa.Column("attempts", sa.Integer),
    sa.Column("retry_at", sa.String), sa.Column("last_day", sa.Date), sa.Column("hold", sa.String),
    sa.Column("thread", sa.String),
)  # fmt: skip

# What a letter told, each once to that person.
notices = sa.Table(
    "notices", metadata,
    *(sa.Column(name, sa.String, primary_key=True)
      for name in ("reminder", "case_id", "subject", "anchor", "step", "recipient")),
    sa.Column("letter", sa.String),
)  # fmt: skip

# Everything that happened to letters, in order; digest: of this row and of the one before, so that a change shows.
journal = sa.Table(
    "journal", metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False), sa.Column("at", sa.String),
    sa.Column("letter", sa.String), sa.Column("event", sa.String), sa.Column("detail", sa.String),
    sa.Column("digest", sa.String),
)  # fmt: skip

# Addresses that a mail server said to be unusable. status: its code, as "5.1.1"; letter: the one that came back.
addresses = sa.Table(
    "addresses", metadata,
    sa.Column("address", sa.String, primary_key=True), sa.Column("since", sa.String), sa.Column("status", sa.String),
    sa.Column("detail", sa.String), sa.Column("letter", sa.String),
)  # fmt: skip

# Messages that came in, each handled once. key: its Message-ID, or a digest of it when it has none.
incoming = sa.Table(
    "incoming", metadata,
    sa.Column("key", sa.String, primary_key=True), sa.Column("at", sa.String), sa.Column("kind", sa.String),
    sa.Column("sender", sa.String), sa.Column("letter", sa.String), sa.Column("detail", sa.String),
)  # fmt: skip

# What people answered, one row an instruction. The first six columns name the notice that they answer; verb: fait,
# reporter or vu; value: the day done (ISO), or the day until which reminders are put off; message: of `incoming`.
answers = sa.Table(
    "answers", metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("reminder", sa.String), sa.Column("case_id", sa.String), sa.Column("subject", sa.String),
    sa.Column("anchor", sa.String), sa.Column("tab", sa.String), sa.Column("column", sa.String),
    sa.Column("sender", sa.String), sa.Column("at", sa.String), sa.Column("verb", sa.String),
    sa.Column("value", sa.String), sa.Column("message", sa.String),
)  # fmt: skip

# Answers to forms, each version as it came. key: of the answer (Submission.key); version: from 1, the last one counts;
# digest: of the content; content: the answer as JSON.
submissions = sa.Table(
    "submissions", metadata,
    sa.Column("key", sa.String, primary_key=True), sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("source", sa.String), sa.Column("form", sa.String), sa.Column("taken_at", sa.String),
    sa.Column("edited", sa.String), sa.Column("digest", sa.String), sa.Column("content", sa.String),
)  # fmt: skip

# Requests that were accepted, noted just before the workbook is written: whether it was, its own cell tells. key, version: of
# the answer; became: the row's number; changes: what was left to staff, less what they have typed since, as JSON.
acceptances = sa.Table(
    "acceptances", metadata,
    sa.Column("key", sa.String, primary_key=True), sa.Column("version", sa.Integer), sa.Column("became", sa.String),
    sa.Column("at", sa.String), sa.Column("changes", sa.String),
)  # fmt: skip

# What a run leaves for the next: name → JSON (rows read, breakers that tripped, restored, activated…).
marks = sa.Table(
    "marks", metadata,
    sa.Column("name", sa.String, primary_key=True), sa.Column("value", sa.String),
)  # fmt: skip

published = sa.Table(
    "published", metadata,
    sa.Column("tab", sa.String, primary_key=True), sa.Column("id", sa.String, primary_key=True),
    sa.Column("cells", sa.String),
)  # fmt: skip

job_runs = sa.Table(
    "job_runs", metadata,
    sa.Column("job", sa.String, primary_key=True), sa.Column("slot", sa.String, primary_key=True),
    sa.Column("finished_at", sa.String), sa.Column("outcome", sa.String),
)  # fmt: skip

figures = sa.Table(
    "figures", metadata,
    sa.Column("council", sa.String, primary_key=True), sa.Column("week", sa.String, primary_key=True),
    sa.Column("values", sa.String),
)  # fmt: skip
